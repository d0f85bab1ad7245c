import { type ClusterObject, holds, kindOf, nameOf, namespaceOf, objectsIn } from "../kubernetes/objects";
import { hasPods, podsIn } from "../kubernetes/pods";
import { at, isProperties, itemsAt } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import type { Network } from "./parameters";

const policyKinds = [
  "networking.k8s.io/NetworkPolicy",
  "projectcalico.org/NetworkPolicy",
  "projectcalico.org/GlobalNetworkPolicy",
];

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
  appliesTo: (resource) => holds(resource, "/Namespace", ...policyKinds) || hasPods(resource),
  check(resources, { systemNamespaces }) {
    const policies = objectsIn(resources, ...policyKinds);
    return namespacesOf(resources)
      .filter(({ namespace }) => namespace === unknown || !systemNamespaces.includes(namespace))
      .flatMap((named) => ["Ingress", "Egress"].map((direction) => judgeDirection(named, direction, policies)));
  },
};

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
  direction: string,
  policies: readonly ClusterObject[],
): Finding {
  const field = `${name} (${direction.toLowerCase()})`;
  const wayOut = `Give the namespace a NetworkPolicy with an empty podSelector, policyTypes [Ingress, Egress] and no rules; allow beside it what must pass. kjerne's DefaultDeny makes them.`;
  if (namespace === unknown) {
    const reason = "The namespace's name is not known, so no policy can be matched with it.";
    return { urn, field, state: "unverifiable", reason, wayOut };
  }
  const denies = policies.some((policy) => selects(policy, namespace) && deniesAll(policy, direction));
  if (denies) return { urn, field, state: "shown", read: namespace };
  const way = direction === "Ingress" ? "Anything may open a connection to" : "May open connections to anything:";
  const reason = `${way} the pods of the namespace ${namespace}, since no policy denies it.`;
  return { urn, field, state: "violated", read: namespace, allowed: "a namespace with default deny", reason, wayOut };
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
      return (
        selectsAll(at(content, "spec.selector")) && includesNamespace(at(content, "spec.namespaceSelector"), namespace)
      );
  }
}

/** Whether a policy applies to a direction and has no rule that allows anything in it. */
function deniesAll({ content }: ClusterObject, direction: string): boolean {
  const types = ["spec.policyTypes", "spec.types"].flatMap((path) => itemsAt(content, path).map(({ item }) => item));
  const rules = itemsAt(content, `spec.${direction.toLowerCase()}`);
  return types.includes(direction) && rules.length === 0;
}

function isEmpty(selector: Value | undefined): boolean {
  return isProperties(selector) && Object.values(selector).every((part) => part === undefined || isEmpty(part));
}

const selectsAll = (selector: Value | undefined) => selector === undefined || selector === "" || selector === "all()";

/** Whether a Calico selector takes a namespace: all, or all but a list in the form of Calico's documentation. */
function includesNamespace(selector: Value | undefined, namespace: string): boolean {
  if (selectsAll(selector)) return true;
  if (typeof selector !== "string") return false;
  const [, list] =
    /^(?:kubernetes\.io\/metadata\.name|projectcalico\.org\/name) not in \{([^}]*)\}$/.exec(selector) ?? [];
  return list !== undefined && !list.split(",").some((name) => name.trim().replace(/["']/g, "") === namespace);
}
