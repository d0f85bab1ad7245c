import { type ClusterObject, holds, nameOf, objectsIn } from "../kubernetes/objects";
import { at, itemsAt, judged } from "../reading";
import type { Finding, Resource, Rule, Value } from "../rule";
import type { Hardening } from "./parameters";

const group = "rbac.authorization.k8s.io";
const roles = [`${group}/ClusterRole`, `${group}/Role`];
const bindings = [`${group}/ClusterRoleBinding`, `${group}/RoleBinding`];
const parameter = "wideRoles in policies/hardening/parameters.<stack>.json";

/** A wildcard also grants rights to resources and verbs that don't exist yet. */
export const wideRoles: Rule<Hardening> = {
  id: "SEC-10",
  name: "wide-roles",
  title: "Roles name what they allow and give no way to more, and nobody is bound to cluster-admin beyond a list.",
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
  reads: ["ClusterRole and Role: rules", "ClusterRoleBinding and RoleBinding: roleRef, subjects"],
  scope: "each",
  appliesTo: (resource) => holds(resource, ...roles, ...bindings),
  check: (resources, { wideRoles }) =>
    resources.flatMap((resource) => {
      const isListed = (object: ClusterObject) =>
        !isPatch(resource) && wideRoles.some(({ kind, name }) => kind === object.kind && name === nameOf(object));
      const judgedOf = (...kinds: readonly string[]) =>
        objectsIn([resource], ...kinds).filter((object) => !isListed(object));
      return [...judgedOf(...roles).flatMap(judgeRole), ...judgedOf(...bindings).flatMap(judgeBinding)];
    }),
};

const isPatch = ({ type }: Resource) => type.endsWith("Patch");

function judgeRole(role: ClusterObject): Finding[] {
  return itemsAt(role.content, "rules").flatMap(({ field, item }) => [
    ...judgeWildcards(role, field, item),
    ...judgeWaysToMore(role, field, item),
  ]);
}

/** `apiGroups` is left out: a wildcard there is wide only together with one in `resources`, which is judged. */
function judgeWildcards({ urn, prefix }: ClusterObject, field: string, rule: Value): Finding[] {
  const named = (name: Value | undefined) => typeof name === "string" && !name.includes("*");
  // Addresses such as /healthz/* are a list of their own that Kubernetes uses itself.
  const address = (name: Value | undefined) => typeof name === "string" && !/^\/?\*/.test(name);
  return ["verbs", "resources", "nonResourceURLs"].flatMap((part) =>
    itemsAt(rule, part).map(({ field: entry, item: value }) =>
      judged(urn, `${prefix}${field}.${entry}`, value, {
        allows: part === "nonResourceURLs" ? address : named,
        allowed: "names, no wildcard",
        reason: "It also allows what nobody has thought of yet.",
        wayOut: `Name what is needed, or add the role with the reason to ${parameter}.`,
      }),
    ),
  );
}

/** Rights by which whoever has them gets others: Kubernetes' list of risks of privilege escalation. */
function judgeWaysToMore(role: ClusterObject, field: string, rule: Value): Finding[] {
  const [verbs = [], resources = []] = ["verbs", "resources"].map((part) =>
    itemsAt(rule, part).map(({ item }) => item),
  );
  const narrowed = itemsAt(rule, "resourceNames").some(({ item }) => typeof item === "string" && item !== "");
  const reads = verbs.some((verb) => ["get", "list", "watch", "*"].includes(verb as string));
  const ways: [boolean, string, string][] = [
    [
      verbs.some((verb) => ["escalate", "bind", "impersonate"].includes(verb as string)),
      "verbs",
      "With escalate, bind or impersonate it can give itself any right.",
    ],
    [
      role.kind === "ClusterRole" && !narrowed && reads && resources.includes("secrets"),
      "resources",
      "It reads the Secrets of every namespace, and with them everybody's tokens and keys.",
    ],
    [
      resources.includes("nodes/proxy"),
      "resources",
      "By nodes/proxy it runs commands in every pod, past the audit log.",
    ],
    [
      !narrowed && resources.includes("serviceaccounts/token"),
      "resources",
      "It makes tokens of any service account, and so has the rights of each.",
    ],
  ];
  return ways
    .filter(([isSo]) => isSo)
    .map(([, part, reason]) => ({
      urn: role.urn,
      field: `${role.prefix}${field}.${part}`,
      state: "violated",
      allowed: "rights that lead to no others",
      reason,
      wayOut: `Give it less: one namespace by a Role, or resourceNames; or add the role with the reason to ${parameter}.`,
    }));
}

function judgeBinding(binding: ClusterObject): Finding[] {
  const { urn, prefix, content, kind } = binding;
  const everywhere = kind === "ClusterRoleBinding";
  const wide = everywhere ? ["cluster-admin", "admin", "edit"] : ["cluster-admin"];
  const role = at(content, "roleRef.name");
  return [
    judged(urn, `${prefix}roleRef.name`, role, {
      allows: (name) => typeof name === "string" && !wide.includes(name),
      allowed: "a role that names what it allows",
      reason: everywhere
        ? "Whoever is bound to it can read every Secret, and as cluster-admin do everything to everyone."
        : "Whoever is bound to cluster-admin can do everything, to everyone.",
      wayOut: `Bind a role with what is needed, or add the binding with the reason to ${parameter}.`,
    }),
    ...itemsAt(content, "subjects").map(({ field, item }) =>
      judged(urn, `${prefix}${field}.name`, at(item, "name"), {
        allows: (name) =>
          typeof name === "string" && (!everybody.includes(name) || forEverybody.includes(role as string)),
        allowed: `somebody by name; everybody only for ${forEverybody.join(", ")}`,
        reason: "Anybody who reaches the API server, or every pod of the cluster, gets these rights.",
        wayOut: `Bind users, groups or service accounts by name, or add the binding with the reason to ${parameter}.`,
      }),
    ),
  ];
}

export const everybody = [
  "system:anonymous",
  "system:unauthenticated",
  "system:authenticated",
  "system:serviceaccounts",
  "system:masters",
];
/** What Kubernetes itself shows to everybody: its version, its health and the kinds that it has. */
export const forEverybody = ["system:basic-user", "system:discovery", "system:public-info-viewer"];
