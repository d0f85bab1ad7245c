import { type ClusterObject, holds, kindOf, nameOf, namespaceOf, objectsIn } from "../kubernetes/objects";
import { hasPods, podsIn } from "../kubernetes/pods";
import { at, isProperties, itemsAt } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import { adminKinds, opensToAll } from "./admin-policies";
import { type Direction, deniesTheRest, exemptedBy, opens, selectsAll } from "./calico-policies";
import type { Network } from "./parameters";

const globalKind = "projectcalico.org/GlobalNetworkPolicy";
const policyKinds = ["networking.k8s.io/NetworkPolicy", "projectcalico.org/NetworkPolicy", globalKind];
const judgedKinds = ["/Namespace", ...policyKinds, ...adminKinds];
const directions: readonly Direction[] = ["Ingress", "Egress"];
/** Rules that let everybody in. Of those that let everything out, egress-allow-list says where they go. */
const judgedHere: readonly Direction[] = ["Ingress"];

/** Only traffic that some network policy names passes. */
export const defaultDeny: Rule<Network> = {
  id: "NET-04",
  name: "default-deny",
  title: "In every namespace for workloads nothing comes in and nothing goes out unless a policy allows it.",
  basis: [
    {
      kind: "guidance",
      text: "Every namespace has network policies, and traffic that none of them names does not pass (CIS Kubernetes Benchmark 5.3.2).",
      link: "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "critical",
  reads: [
    "Namespace: metadata.name",
    "workloads: metadata.namespace",
    "NetworkPolicy and projectcalico.org GlobalNetworkPolicy: selector, types, rules",
  ],
  scope: "together",
  appliesTo: (resource) => holds(resource, ...judgedKinds) || hasPods(resource),
  check(resources, { systemNamespaces }) {
    const policies = objectsIn(resources, ...policyKinds);
    const namespaces = namespacesOf(resources).filter(
      ({ namespace }) => namespace === unknown || !systemNamespaces.includes(namespace),
    );
    return [
      ...namespaces.flatMap((named) => directions.map((direction) => judgeDirection(named, direction, policies))),
      ...policies
        .filter((policy) => kindOf(policy) === globalKind)
        .flatMap((one) => judgeGlobal(one, systemNamespaces)),
      ...objectsIn(resources, ...adminKinds)
        .filter(opensToAll)
        .map(({ urn, prefix }) => openedEverywhere(urn, `${prefix}spec.ingress`)),
    ];
  },
};

/** For namespaces that no program declares: what a policy of the whole cluster opens, and whom it leaves out. */
function judgeGlobal(policy: ClusterObject, systemNamespaces: readonly string[]): Finding[] {
  const { urn, prefix } = policy;
  const opened = judgedHere
    .filter((direction) => opens(policy, direction))
    .map((direction) => openedEverywhere(urn, `${prefix}spec.${direction.toLowerCase()}`));
  const denies = directions.some((direction) => deniesTheRest(policy, direction));
  const others = denies ? (exemptedBy(policy) ?? []).filter((name) => !systemNamespaces.includes(name)) : [];
  if (others.length === 0) return opened;
  const left = {
    urn,
    field: `${prefix}spec.selector`,
    state: "violated" as const,
    read: others.join(", "),
    allowed: `no others than ${systemNamespaces.join(", ")}`,
    reason: "Default deny leaves out namespaces that are not the system's, and whoever runs pods there.",
    wayOut: "Take them off the list, and allow there by NetworkPolicies what has to pass.",
  };
  return [...opened, left];
}

const openedEverywhere = (urn: string, field: string): Finding => ({
  urn,
  field,
  state: "violated",
  read: "every address and port",
  allowed: "rules that name who may connect",
  reason: "The policy opens every namespace that it selects, those made later among them.",
  wayOut: "Name pods, networks or ports in each rule; give one namespace more by a NetworkPolicy of its own.",
});

interface NamedNamespace {
  readonly urn: string;
  readonly field: string;
  readonly namespace: string | typeof unknown;
}

/** Each namespace once, with the field that names it: in its own declaration or, without one, in its first workload. */
function namespacesOf(resources: readonly Resource[]): NamedNamespace[] {
  const declared: NamedNamespace[] = objectsIn(resources, "/Namespace").map((object) => ({
    urn: object.urn,
    field: `${object.prefix}metadata.name`,
    namespace: nameOf(object),
  }));
  const used: NamedNamespace[] = podsIn(resources).map(({ owner }) => ({
    urn: owner.urn,
    field: `${owner.prefix}metadata.namespace`,
    namespace: namespaceOf(owner),
  }));
  const seen = new Set<unknown>();
  return [...declared, ...used].filter(({ namespace }) => {
    if (namespace !== unknown && seen.has(namespace)) return false;
    seen.add(namespace);
    return true;
  });
}

function judgeDirection(
  { urn, field: name, namespace }: NamedNamespace,
  direction: Direction,
  policies: readonly ClusterObject[],
): Finding {
  const field = `${name} (${direction.toLowerCase()})`;
  const wayOut = `Give the namespace a NetworkPolicy with an empty podSelector, policyTypes [Ingress, Egress] and no rules; allow beside it what must pass. kjerne's ClusterDefaultDeny does it for all, DefaultDeny for one.`;
  if (namespace === unknown) {
    const reason = "The namespace's name is not known, so no policy can be matched with it.";
    return { urn, field, state: "unverifiable", reason, wayOut };
  }
  const own = policies.filter((policy) => selects(policy, namespace));
  const opened =
    judgedHere.includes(direction) && policies.find((policy) => isOf(policy, namespace) && opens(policy, direction));
  if (opened) {
    const reason = `${String(nameOf(opened))} lets everybody in on every port, which no policy that denies takes back.`;
    const named = "Name in its rules who may connect, and to which ports.";
    return {
      urn,
      field,
      state: "violated",
      read: namespace,
      allowed: "a namespace with default deny",
      reason,
      wayOut: named,
    };
  }
  if (own.some((policy) => deniesAll(policy, direction))) return { urn, field, state: "shown", read: namespace };
  const way = direction === "Ingress" ? "Anything may open a connection to" : "May open connections to anything:";
  const reason = `${way} the pods of the namespace ${namespace}, since no policy denies it.`;
  return { urn, field, state: "violated", read: namespace, allowed: "a namespace with default deny", reason, wayOut };
}

/** Whether a policy is one of a namespace, for all of its pods or some. */
function isOf(policy: ClusterObject, namespace: string): boolean {
  return kindOf(policy) !== globalKind && namespaceOf(policy) === namespace;
}

/** Whether a policy selects every pod of a namespace. No, if its selector would have to be evaluated. */
function selects(policy: ClusterObject, namespace: string): boolean {
  const { content } = policy;
  switch (kindOf(policy)) {
    case "networking.k8s.io/NetworkPolicy":
      return namespaceOf(policy) === namespace && isEmpty(at(content, "spec.podSelector"));
    case "projectcalico.org/NetworkPolicy":
      return namespaceOf(policy) === namespace && selectsAll(at(content, "spec.selector"));
    default:
      return exemptedBy(policy)?.includes(namespace) === false;
  }
}

/** Whether a policy applies to a direction and allows nothing in it, or, for the whole cluster, only what it names. */
function deniesAll(policy: ClusterObject, direction: Direction): boolean {
  if (kindOf(policy) === globalKind) return deniesTheRest(policy, direction);
  const { content } = policy;
  const types = ["spec.policyTypes", "spec.types"].flatMap((path) => itemsAt(content, path).map(({ item }) => item));
  const rules = itemsAt(content, `spec.${direction.toLowerCase()}`);
  return types.includes(direction) && rules.length === 0;
}

function isEmpty(selector: Value | undefined): boolean {
  return isProperties(selector) && Object.values(selector).every((part) => part === undefined || isEmpty(part));
}
