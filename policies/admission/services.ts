import { hostName } from "../network/ways-in";
import { type AtAdmission, quoted } from "./at-admission";

const excepted = "or name the object with the reason in kjerne:admission.exceptions";

export const exposedServices: AtAdmission = {
  resources: [{ groups: [""], plurals: ["services"] }],
  problems: [
    `variables.states.map(o,
  (o.spec.?type.orValue("ClusterIP") in ["ClusterIP", "ExternalName", "LoadBalancer"] ? [] : ["spec.type is " + o.spec.type])
  + o.spec.?externalIPs.orValue([]).map(ip, "spec.externalIPs has " + ip)
  + (o.spec.?type.orValue("") == "LoadBalancer" && o.spec.?allocateLoadBalancerNodePorts.orValue(true)
      ? ["spec.allocateLoadBalancerNodePorts is not false"] : [])
  + o.spec.?ports.orValue([]).filter(p, p.?nodePort.orValue(0) != 0).map(p, "nodePort is " + string(p.nodePort)))`,
  ],
  wayOut: `Take a LoadBalancer without node ports, whose own address is announced by BGP, ${excepted}.`,
  notHere:
    "spec.healthCheckNodePort: the API server gives one itself, and nobody can tell it from one that was asked for.",
};

const isHost = (name: string) => `${name}.matches(${quoted(hostName.source)})`;

export const waysIn: AtAdmission = {
  resources: [
    { groups: ["networking.k8s.io"], plurals: ["ingresses"] },
    { groups: ["gateway.networking.k8s.io"], plurals: ["gateways", "grpcroutes", "httproutes", "tlsroutes"] },
  ],
  problems: [
    `variables.states.map(o,
  o.kind == "Ingress" ?
    o.spec.?rules.orValue([]).filter(r, !${isHost('r.?host.orValue("")')}).map(r, "a rule has the host \\"" + r.?host.orValue("") + "\\"")
    + (o.spec.?defaultBackend.hasValue() ? ["spec.defaultBackend is set"] : [])
  : o.kind == "Gateway" ?
    o.spec.?listeners.orValue([])
      .filter(l, !(l.?allowedRoutes.?namespaces.?from.orValue("Same") in ["Same", "Selector"]))
      .map(l, "a listener takes routes from namespaces: " + l.allowedRoutes.namespaces.from)
  : o.spec.?hostnames.orValue([]).size() == 0 ? ["spec.hostnames is empty"]
  : o.spec.hostnames.filter(h, !${isHost("h")}).map(h, "spec.hostnames has " + h))`,
  ],
  wayOut: `Name the hosts, and of a Gateway the namespaces whose routes may use it, ${excepted}.`,
};
