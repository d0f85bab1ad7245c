import { isIPv6 } from "node:net";
import { type ClusterObject, holds, kindOf, objectsIn } from "../kubernetes/objects";
import { at, isProperties, itemsAt, judged } from "../reading";
import { type Finding, type Rule, unknown, type Value } from "../rule";
import type { Network } from "./parameters";

const core = "networking.k8s.io/NetworkPolicy";
const calico = ["projectcalico.org/NetworkPolicy", "projectcalico.org/GlobalNetworkPolicy"];

/** Pods that may reach the whole internet may send data anywhere. */
export const egressAllowList: Rule<Network> = {
  id: "NET-05",
  name: "egress-allow-list",
  title: "No policy opens the way to the whole internet: egress names who may be reached.",
  basis: [
    {
      kind: "law",
      text: "What leaves the EEA needs a basis for it, so where data may go is decided and not left open (GDPR Art. 44; Art. 25 and 32).",
      link: "https://eur-lex.europa.eu/eli/reg/2016/679/oj",
      date: "2016-04-27",
    },
  ],
  reviewBy: "2027-05-01",
  severity: "critical",
  reads: [
    "NetworkPolicy: spec.egress[].to[].ipBlock.cidr",
    "projectcalico.org NetworkPolicy and GlobalNetworkPolicy: spec.egress[].destination",
  ],
  scope: "each",
  appliesTo: (resource) => holds(resource, core, ...calico),
  check: (resources, parameters) =>
    objectsIn(resources, core, ...calico).flatMap((policy) =>
      itemsAt(policy.content, "spec.egress").flatMap(({ field, item }) =>
        kindOf(policy) === core
          ? judgeCoreRule(policy, field, item, parameters)
          : judgeCalicoRule(policy, field, item, parameters),
      ),
    ),
};

/** A rule without `to` allows every destination. */
function judgeCoreRule(policy: ClusterObject, field: string, rule: Value, parameters: Network): Finding[] {
  const peers = itemsAt(rule, "to");
  if (peers.length === 0) return [judgeBlock(policy, `${field}.to`, undefined, parameters)];
  return peers.flatMap(({ field: to, item }) => {
    const block = at(item, "ipBlock");
    return block === undefined
      ? []
      : [judgeBlock(policy, `${field}.${to}.ipBlock.cidr`, at(block, "cidr"), parameters)];
  });
}

/** Of Calico's actions only `Allow`, which is also the default, opens anything. */
function judgeCalicoRule(policy: ClusterObject, field: string, rule: Value, parameters: Network): Finding[] {
  const action = at(rule, "action");
  if (action === "Deny" || action === "Log" || action === "Pass") return [];
  const destination = at(rule, "destination");
  const nets = itemsAt(destination, "nets");
  if (nets.length > 0) {
    return nets.map(({ field: net, item }) => judgeBlock(policy, `${field}.destination.${net}`, item, parameters));
  }
  const limits = ["selector", "namespaceSelector", "serviceAccounts", "services", "domains"];
  const named = isProperties(destination) && limits.some((name) => destination[name] !== undefined);
  if (named) return [];
  const unclear = action === unknown || destination === unknown;
  return [judgeBlock(policy, `${field}.destination`, unclear ? unknown : undefined, parameters)];
}

/** Judges how wide a block is, whatever its address: two halves of the internet are the internet. */
function judgeBlock(
  { urn, prefix }: ClusterObject,
  field: string,
  cidr: Value | undefined,
  { widestEgress }: Network,
): Finding {
  return judged(urn, `${prefix}${field}`, cidr, {
    allows: (value) => {
      const [address = "", length = ""] = typeof value === "string" ? value.split("/") : [];
      return Number(length) >= (isIPv6(address) ? widestEgress.ipv6 : widestEgress.ipv4);
    },
    allowed: `pods, or blocks of /${widestEgress.ipv4} (IPv6: /${widestEgress.ipv6}) and smaller`,
    reason: "Pods could send data to anyone on the internet.",
    wayOut: "Name the addresses that are needed; where it has to be the internet, write a dated exception.",
  });
}
