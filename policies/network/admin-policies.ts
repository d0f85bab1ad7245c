import type { ClusterObject } from "../kubernetes/objects";
import { at, isProperties, itemsAt } from "../reading";
import { unknown, type Value } from "../rule";

const group = "policy.networking.k8s.io";

/** Policies of the whole cluster that come before every NetworkPolicy (SIG Network's policy API). */
export const adminKinds: readonly string[] = [`${group}/AdminNetworkPolicy`, `${group}/ClusterNetworkPolicy`];

/** The first version of the API says `Allow`, the second `Accept`. What can't be read may allow. */
export const allows = (rule: Value): boolean =>
  rule === unknown || ["Allow", "Accept", unknown].includes(at(rule, "action") as string);

/** Whether a policy lets pods of every namespace in, on every port. */
export function opensToAll({ content }: ClusterObject): boolean {
  return itemsAt(content, "spec.ingress").some(
    ({ item }) =>
      allows(item) &&
      itemsAt(item, "ports").length === 0 &&
      itemsAt(item, "from").some(({ item: peer }) => peer === unknown || selectsAll(at(peer, "namespaces"))),
  );
}

/** `namespaces: {}` selects every namespace. */
function selectsAll(selector: Value | undefined): boolean {
  return (
    selector === unknown ||
    (isProperties(selector) && Object.values(selector).every((part) => part === undefined || selectsAll(part)))
  );
}
