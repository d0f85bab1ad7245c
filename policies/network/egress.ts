import { type ClusterObject, holds, kindOf, objectsIn } from "../kubernetes/objects";
import { at, isProperties, itemsAt, judged } from "../reading";
import { type Finding, type Rule, unknown, type Value } from "../rule";
import { addressesIn, type Block, blockOf, isOwnNetwork } from "./address-blocks";
import { adminKinds, allows } from "./admin-policies";
import type { Network } from "./parameters";

const core = "networking.k8s.io/NetworkPolicy";
const calico = ["projectcalico.org/NetworkPolicy", "projectcalico.org/GlobalNetworkPolicy"];
const kinds = [core, ...calico, ...adminKinds];

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
    "policy.networking.k8s.io AdminNetworkPolicy and ClusterNetworkPolicy: spec.egress[].to[].networks",
  ],
  scope: "together",
  appliesTo: (resource) => holds(resource, ...kinds),
  check: (resources, parameters) => {
    const policies = objectsIn(resources, ...kinds);
    return [...policies.flatMap((policy) => judgePolicy(policy, parameters)), ...judgeAll(policies, parameters)];
  },
  checkBefore: (resource, parameters) =>
    objectsIn([resource], ...kinds).flatMap((policy) => judgePolicy(policy, parameters)),
};

/** A destination that a policy allows: a block of addresses, or every address where none is named. */
interface Destination {
  readonly field: string;
  readonly cidr: Value | undefined;
}

const destinationsOf = (policy: ClusterObject): Destination[] =>
  itemsAt(policy.content, "spec.egress").flatMap(({ field, item }) =>
    kindOf(policy) === core
      ? ofCoreRule(field, item)
      : adminKinds.includes(kindOf(policy))
        ? ofAdminRule(field, item)
        : ofCalicoRule(policy, field, item),
  );

/** A rule without `to` allows every destination. */
function ofCoreRule(field: string, rule: Value): Destination[] {
  const peers = itemsAt(rule, "to");
  if (peers.length === 0) return [{ field: `${field}.to`, cidr: undefined }];
  return peers.flatMap(({ field: to, item }) => {
    const block = at(item, "ipBlock");
    return block === undefined ? [] : [{ field: `${field}.${to}.ipBlock.cidr`, cidr: at(block, "cidr") }];
  });
}

/** Such a policy comes before every NetworkPolicy, so no default deny takes back what it allows. */
function ofAdminRule(field: string, rule: Value): Destination[] {
  if (!allows(rule)) return [];
  return itemsAt(rule, "to").flatMap(({ field: to, item }) =>
    item === unknown
      ? [{ field: `${field}.${to}`, cidr: unknown }]
      : itemsAt(item, "networks").map(({ field: net, item: cidr }) => ({ field: `${field}.${to}.${net}`, cidr })),
  );
}

/**
 * Of Calico's actions `Allow`, which is also the default, opens; so does `Pass` in the last tier, the one without a name:
 * what comes after it is the profiles, which allow in Kubernetes.
 */
function ofCalicoRule({ content }: ClusterObject, field: string, rule: Value): Destination[] {
  const action = at(rule, "action");
  const tier = at(content, "spec.tier");
  const handsOn = action === "Pass" && tier !== undefined && tier !== "default";
  if (action === "Deny" || action === "Log" || handsOn) return [];
  const destination = at(rule, "destination");
  const nets = itemsAt(destination, "nets");
  if (nets.length > 0)
    return nets.map(({ field: net, item }) => ({ field: `${field}.destination.${net}`, cidr: item }));
  const limits = ["selector", "namespaceSelector", "serviceAccounts", "services", "domains"];
  const named = isProperties(destination) && limits.some((name) => destination[name] !== undefined);
  if (named) return [];
  const unclear = action === unknown || destination === unknown;
  return [{ field: `${field}.destination`, cidr: unclear ? unknown : undefined }];
}

const reason = "Pods could send data to anyone on the internet.";
const wayOut = "Name the addresses that are needed; where it has to be the internet, write a dated exception.";

function judgePolicy(policy: ClusterObject, parameters: Network): Finding[] {
  const { widestEgress, widestPublicEgress } = parameters;
  const { urn, prefix } = policy;
  const destinations = destinationsOf(policy);
  return [
    ...destinations.map(({ field, cidr }) =>
      judged(urn, `${prefix}${field}`, cidr, {
        allows: (value) => isNarrow(value, parameters),
        allowed: `pods; blocks of /${widestEgress.ipv4} (IPv6: /${widestEgress.ipv6}) and smaller of networks of one's own, of /${widestPublicEgress.ipv4} (IPv6: /${widestPublicEgress.ipv6}) of the internet`,
        reason,
        wayOut,
      }),
    ),
    ...judgeSum(urn, `${prefix}spec.egress (all blocks)`, destinations, parameters),
  ];
}

const isNarrow = (cidr: Value | undefined, parameters: Network): boolean => {
  const block = blockOf(cidr);
  return block !== undefined && block.last - block.first < widest(block, parameters);
};

/** How many addresses the widest allowed block like this one has. */
function widest(block: Block, { widestEgress, widestPublicEgress }: Network): bigint {
  const { ipv4, ipv6 } = isOwnNetwork(block) ? widestEgress : widestPublicEgress;
  return block.family === 4 ? 1n << BigInt(32 - ipv4) : 1n << BigInt(128 - ipv6);
}

/** Many small blocks are as wide as a big one. Blocks that are too wide by themselves are told by themselves. */
function judgeSum(urn: string, field: string, all: readonly Destination[], parameters: Network): Finding[] {
  const blocks = all.filter(({ cidr }) => isNarrow(cidr, parameters)).map(({ cidr }) => blockOf(cidr) as Block);
  const open = blocks.filter((block) => !isOwnNetwork(block));
  return ([4, 6] as const).flatMap((family) => {
    const of = open.find((block) => block.family === family);
    const count = addressesIn(open, family);
    if (!of || count <= widest(of, parameters)) return [];
    const allowed = `together no more than the widest block of the internet: ${widest(of, parameters)} addresses`;
    return [{ urn, field, state: "violated", read: `${count} addresses of the internet`, allowed, reason, wayOut }];
  });
}

/** The same over all policies, told where there is more than one, since each was judged alone. */
function judgeAll(policies: readonly ClusterObject[], parameters: Network): Finding[] {
  const wide = policies.filter((policy) => judgeSum("", "", destinationsOf(policy), parameters).length > 0);
  const rest = policies.filter((policy) => !wide.includes(policy));
  return judgeSum("", "egress of all policies together", rest.flatMap(destinationsOf), parameters);
}
