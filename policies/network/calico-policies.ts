import type { ClusterObject } from "../kubernetes/objects";
import { at, isProperties, itemsAt } from "../reading";
import { unknown, type Value } from "../rule";

export type Direction = "Ingress" | "Egress";

export const selectsAll = (selector: Value | undefined) =>
  selector === undefined || selector === "" || selector === "all()";

const namespaceLabels = ["kubernetes.io/metadata.name", "projectcalico.org/name"];
const ofWorkloads = "projectcalico.org/namespace";

/**
 * The namespaces that a GlobalNetworkPolicy leaves out: none, or a list in the form of Calico's documentation. Undefined
 * where its selectors would have to be evaluated.
 */
export function exemptedBy({ content }: ClusterObject): readonly string[] | undefined {
  const selector = at(content, "spec.selector");
  const ofNamespaces = at(content, "spec.namespaceSelector");
  if (selectsAll(selector)) return selectsAll(ofNamespaces) ? [] : namesIn(ofNamespaces, namespaceLabels);
  return selectsAll(ofNamespaces) ? namesIn(selector, [ofWorkloads]) : undefined;
}

/** The list of `LABEL not in {"a", "b"}`; a pod always has the label, so that asking for it first changes nothing. */
function namesIn(selector: Value | undefined, labels: readonly string[]): string[] | undefined {
  if (typeof selector !== "string") return undefined;
  const bare = selector.replace(`has(${ofWorkloads}) && `, "");
  const [, label = "", list] = /^(\S+) not in \{([^}]*)\}$/.exec(bare) ?? [];
  if (list === undefined || !labels.includes(label)) return undefined;
  return list.split(",").map((name) => name.trim().replace(/["']/g, ""));
}

/** Whether a policy of Calico's applies to a direction and allows in it only what its rules narrow down. */
export function deniesTheRest(policy: ClusterObject, direction: Direction): boolean {
  const types = itemsAt(policy.content, "spec.types").map(({ item }) => item);
  return types.includes(direction) && !rulesOf(policy, direction).some((rule) => letsAllPass(rule, direction));
}

/** Whether a policy, of Kubernetes' or of Calico's, lets everybody in or out on every port. */
export function opens(policy: ClusterObject, direction: Direction): boolean {
  const rules = rulesOf(policy, direction);
  return policy.group === "networking.k8s.io"
    ? rules.some((rule) => allowsAll(rule, direction))
    : rules.some((rule) => rule !== unknown && letsAllPass(rule, direction));
}

function rulesOf({ content }: ClusterObject, direction: Direction): Value[] {
  return itemsAt(content, `spec.${direction.toLowerCase()}`).map(({ item }) => item);
}

/** Rules of Calico's: `Pass` hands over to what comes after all policies, which allows. What can't be read may allow. */
function letsAllPass(rule: Value, direction: Direction): boolean {
  if (!isProperties(rule)) return true;
  if (rule.action === "Deny" || rule.action === "Log") return false;
  const other = at(rule, direction === "Ingress" ? "source" : "destination");
  const nets = itemsAt(other, "nets").map(({ item }) => item);
  const limits = ["selector", "namespaceSelector", "serviceAccounts", "services", "domains"];
  const named = isProperties(other) && limits.some((name) => !selectsAll(other[name]));
  if (named && nets.length === 0) return false;
  if (nets.length > 0 && !nets.some(isEverywhere)) return false;
  return itemsAt(rule, "destination.ports").length === 0;
}

function allowsAll(rule: Value, direction: Direction): boolean {
  if (!isProperties(rule)) return false;
  const peers = itemsAt(rule, direction === "Ingress" ? "from" : "to").map(({ item }) => item);
  const everybody = peers.length === 0 || peers.some((peer) => isEverywhere(at(peer, "ipBlock.cidr")));
  return everybody && itemsAt(rule, "ports").every(({ item }) => isProperties(item) && item.port === undefined);
}

function isEverywhere(cidr: Value | undefined): boolean {
  return cidr === unknown || (typeof cidr === "string" && /\/[01]$/.test(cidr));
}
