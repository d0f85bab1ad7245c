import { type ClusterObject, holds, nameOf, namespaceOf, objectsIn } from "../kubernetes/objects";
import { containersOf, hasPods, type Pod, podsIn } from "../kubernetes/pods";
import { at, itemsAt, judged } from "../reading";
import type { Finding, Rule, Value } from "../rule";
import type { Network } from "./parameters";

const basis = {
  kind: "technical",
  text: "No policy of Kubernetes reaches what a pod does in the node's own network.",
  link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#what-you-can-t-do-with-network-policies-at-least-not-yet",
  date: "2026-11-20",
} as const;

/** Network policies don't apply in the node's network, nor to ports that a pod opens on the node. */
export const nodeNetwork: Rule<Network> = {
  id: "NET-06",
  name: "node-network",
  title: "No pod uses the node's network or one of its ports, but those that a list names.",
  basis: [basis],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: ["pods: hostNetwork, containers[].ports[].hostPort"],
  scope: "each",
  appliesTo: hasPods,
  check: (resources, parameters) =>
    podsIn(resources).flatMap((pod) => [judgeHostNetwork(pod, parameters), ...judgeHostPorts(pod, parameters)]),
};

/** Services that open more than an address of their own. */
export const exposedServices: Rule<Network> = {
  id: "NET-07",
  name: "exposed-services",
  title: "No Service opens a port on every node or takes an address that is not its own.",
  basis: [
    {
      kind: "technical",
      text: "A NodePort is open on every address of every node, and external IPs can take traffic of others (CVE-2020-8554).",
      link: "https://github.com/kubernetes/kubernetes/issues/97076",
      date: "2020-12-07",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: [
    "Service: spec.type, spec.allocateLoadBalancerNodePorts, spec.externalIPs, spec.ports[].nodePort, spec.healthCheckNodePort",
  ],
  scope: "each",
  appliesTo: (resource) => holds(resource, "/Service"),
  check: (resources, parameters) =>
    objectsIn(resources, "/Service").flatMap((service) => judgeService(service, parameters)),
};

function judgeHostNetwork({ owner, prefix, spec }: Pod, parameters: Network): Finding {
  const listed = isListed(owner, parameters);
  return judged(owner.urn, `${prefix}hostNetwork`, at(spec, "hostNetwork"), {
    allows: (value) => value === undefined || value === false || (value === true && listed),
    allowed: "false, or a workload of the list nodeNetwork",
    reason: "The pod sees the node's traffic and no network policy holds it.",
    wayOut: wayOut("Set hostNetwork to false"),
  });
}

function judgeHostPorts(pod: Pod, parameters: Network): Finding[] {
  const listed = isListed(pod.owner, parameters);
  return containersOf(pod).flatMap(({ field, container }) =>
    itemsAt(container, "ports").map(({ field: port, item }) =>
      judged(pod.owner.urn, `${field}.${port}.hostPort`, at(item, "hostPort"), {
        allows: (value) => value === undefined || value === 0 || (typeof value === "number" && listed),
        allowed: "none, or a workload of the list nodeNetwork",
        reason: "The port is open on the node itself.",
        wayOut: wayOut("Leave out hostPort and put a Service before the pods"),
      }),
    ),
  );
}

function judgeService(service: ClusterObject, parameters: Network): Finding[] {
  const { urn, prefix, content } = service;
  const listed = isListed(service, parameters);
  const type = at(content, "spec.type");
  const judgePort = (field: string, value: Value | undefined) =>
    judged(urn, `${prefix}${field}`, value, {
      allows: (port) => port === undefined || port === 0 || listed,
      allowed: "no port of the nodes, or a Service of the list nodeNetwork",
      reason: "Kubernetes opens a port that is named here on every node, whatever else the Service says.",
      wayOut: wayOut("Leave it out"),
    });
  const findings = [
    judged(urn, `${prefix}spec.type`, type, {
      allows: (value) =>
        value === undefined || ["ClusterIP", "ExternalName", "LoadBalancer"].includes(value as string) || listed,
      allowed: "ClusterIP, LoadBalancer without node ports, or a Service of the list nodeNetwork",
      reason: "A NodePort is open on every address of every node.",
      wayOut: wayOut("Announce the Service's own address by BGP instead"),
    }),
    ...itemsAt(content, "spec.externalIPs").map(({ field, item }) =>
      judged(urn, `${prefix}${field}`, item, {
        allows: () => listed,
        allowed: "no external IPs, or a Service of the list nodeNetwork",
        reason: "Whoever may write a Service can draw traffic of any address to its pods.",
        wayOut: wayOut("Use a LoadBalancer address from a pool of your own"),
      }),
    ),
  ];
  const ports = itemsAt(content, "spec.ports").map(({ field, item }) =>
    judgePort(`${field}.nodePort`, at(item, "nodePort")),
  );
  findings.push(judgePort("spec.healthCheckNodePort", at(content, "spec.healthCheckNodePort")), ...ports);
  if (type !== "LoadBalancer") return findings;
  const nodePorts = "spec.allocateLoadBalancerNodePorts";
  return [
    ...findings,
    judged(urn, `${prefix}${nodePorts}`, at(content, nodePorts), {
      allows: (value) => value === false || listed,
      allowed: "false",
      reason: "Left out, every port of the Service is also open on every node.",
      wayOut: wayOut(`Set ${nodePorts} to false`),
    }),
  ];
}

function isListed(object: ClusterObject, { nodeNetwork }: Network): boolean {
  return nodeNetwork.some(
    ({ namespace, kind, name }) => namespace === namespaceOf(object) && kind === object.kind && name === nameOf(object),
  );
}

const wayOut = (first: string) =>
  `${first}, or add the workload with the reason to nodeNetwork in policies/network/parameters.<stack>.json.`;
