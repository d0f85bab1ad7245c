import { type ClusterObject, holds, kindOf, objectsIn } from "../kubernetes/objects";
import { at, itemsAt, judged } from "../reading";
import { type Finding, type Rule, unknown, type Value } from "../rule";
import type { Network } from "./parameters";

const ingress = "networking.k8s.io/Ingress";
const gateway = "gateway.networking.k8s.io/Gateway";
const routes = ["GRPCRoute", "HTTPRoute", "TLSRoute"].map((kind) => `gateway.networking.k8s.io/${kind}`);

/** Whoever reviews a change sees what becomes reachable from outside, and under which name. */
export const waysIn: Rule<Network> = {
  id: "NET-10",
  name: "ways-in",
  title: "What leads traffic from outside to pods names the hosts that it answers for.",
  basis: [
    {
      kind: "guidance",
      text: "A route without a host takes requests for every name that leads to the cluster.",
      link: "https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-rules",
      date: "2026-11-26",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "medium",
  reads: [
    "Ingress: spec.rules[].host, spec.defaultBackend",
    "Gateway: spec.listeners[].allowedRoutes.namespaces.from",
    "HTTPRoute, GRPCRoute and TLSRoute: spec.hostnames",
  ],
  scope: "each",
  appliesTo: (resource) => holds(resource, ingress, gateway, ...routes),
  check: (resources) => objectsIn(resources, ingress, gateway, ...routes).flatMap(judgeWay),
};

function judgeWay(object: ClusterObject): Finding[] {
  if (kindOf(object) === gateway) return judgeGateway(object);
  return kindOf(object) === ingress ? judgeIngress(object) : [judgeRoute(object)];
}

export const hostName = /^(\*\.)?[\w-]+(\.[\w-]+)+$/;
const isHostName = (value: Value | undefined) => typeof value === "string" && hostName.test(value);

function judgeHost({ urn, prefix }: ClusterObject, field: string, value: Value | undefined): Finding {
  const finding = judged(urn, prefix + field, value, {
    allows: (found) => (Array.isArray(found) ? found.length > 0 && found.every(isHostName) : isHostName(found)),
    allowed: "names of hosts",
    reason: "It takes requests for every name that leads to the cluster.",
    wayOut: "Name the host; of a domain, such as *.shop.eksempel.no, only where all of it is meant.",
  });
  const opened = "From now on, whoever reaches the controller of these routes reaches the pods behind it.";
  return finding.state === "shown" ? { ...finding, reason: opened } : finding;
}

function judgeIngress(object: ClusterObject): Finding[] {
  const { urn, prefix, content } = object;
  return [
    ...itemsAt(content, "spec.rules").map(({ field, item }) =>
      judgeHost(object, `${field}.host`, item === unknown ? unknown : at(item, "host")),
    ),
    judged(urn, `${prefix}spec.defaultBackend`, at(content, "spec.defaultBackend"), {
      allows: (value) => value === undefined,
      allowed: "none",
      reason: "It takes requests for every name that leads to the cluster.",
      wayOut: "Give it rules with hosts instead.",
    }),
  ];
}

const judgeRoute = (object: ClusterObject): Finding => {
  const names = at(object.content, "spec.hostnames");
  return judgeHost(object, "spec.hostnames", Array.isArray(names) && names.includes(unknown) ? unknown : names);
};

function judgeGateway({ urn, prefix, content }: ClusterObject): Finding[] {
  return itemsAt(content, "spec.listeners").map(({ field, item }) =>
    judged(
      urn,
      `${prefix}${field}.allowedRoutes.namespaces.from`,
      item === unknown ? unknown : at(item, "allowedRoutes.namespaces.from"),
      {
        allows: (from) => from === undefined || from === "Same" || from === "Selector",
        allowed: "Same or Selector",
        reason: "Whoever may write a route in any namespace takes traffic from outside.",
        wayOut: "Select the namespaces whose routes may use the Gateway.",
      },
    ),
  );
}
