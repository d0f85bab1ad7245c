import { type ClusterObject, holds, nameOf, objectsIn } from "../kubernetes/objects";
import { at, itemsAt, judged } from "../reading";
import type { Finding, Rule } from "../rule";
import type { Hardening } from "./parameters";

const group = "rbac.authorization.k8s.io";
const roles = [`${group}/ClusterRole`, `${group}/Role`];
const bindings = [`${group}/ClusterRoleBinding`, `${group}/RoleBinding`];

/** A wildcard also grants rights to resources and verbs that don't exist yet. */
export const wideRoles: Rule<Hardening> = {
  id: "SEC-10",
  name: "wide-roles",
  title: "Roles name what they allow, and nobody is bound to cluster-admin beyond a list.",
  basis: [
    {
      kind: "guidance",
      text: "CIS Kubernetes Benchmark 5.1.1 and 5.1.3: cluster-admin only where it is required, no wildcards in roles.",
      link: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: ["ClusterRole and Role: rules", "ClusterRoleBinding and RoleBinding: roleRef"],
  scope: "each",
  appliesTo: (resource) => holds(resource, ...roles, ...bindings),
  check: (resources, { wideRoles }) => {
    const isListed = (object: ClusterObject) => wideRoles.some(({ name }) => name === nameOf(object));
    return [
      ...objectsIn(resources, ...roles)
        .filter((role) => !isListed(role))
        .flatMap(judgeRole),
      ...objectsIn(resources, ...bindings)
        .filter((binding) => !isListed(binding))
        .map(judgeBinding),
    ];
  },
};

/** `apiGroups` is left out: a wildcard there is wide only together with one in `resources`, which is judged. */
function judgeRole({ urn, prefix, content }: ClusterObject): Finding[] {
  return itemsAt(content, "rules").flatMap(({ field, item }) =>
    ["verbs", "resources", "nonResourceURLs"].flatMap((part) =>
      itemsAt(item, part).map(({ field: entry, item: value }) =>
        judged(urn, `${prefix}${field}.${entry}`, value, {
          allows: (name) => typeof name === "string" && name !== "*" && name !== "*/*",
          allowed: "names, no wildcard",
          reason: "It also allows what nobody has thought of yet.",
          wayOut: "Name what is needed, or add the role to the pack's parameter wideRoles with the reason.",
        }),
      ),
    ),
  );
}

function judgeBinding({ urn, prefix, content }: ClusterObject): Finding {
  return judged(urn, `${prefix}roleRef.name`, at(content, "roleRef.name"), {
    allows: (name) => typeof name === "string" && name !== "cluster-admin",
    allowed: "a role that names what it allows",
    reason: "Whoever is bound to cluster-admin can do everything, to everyone.",
    wayOut: "Bind a role with what is needed, or add the binding to the pack's parameter wideRoles with the reason.",
  });
}
