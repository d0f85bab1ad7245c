import { parameters } from "../hardening/parameters";
import { everybody, forEverybody } from "../hardening/rbac";
import { type AtAdmission, listOf, quoted } from "./at-admission";

const excepted = "or name the object with the reason in kjerne:admission.exceptions";
const level = "pod-security.kubernetes.io/enforce";
const { podSecurityLevels } = parameters.parse({});

export const podSecurity: AtAdmission = {
  resources: [{ groups: [""], plurals: ["namespaces"] }],
  variables: {
    // Whoever applies it says what level holds where a namespace has no label.
    clusterLevel: `"none"`,
  },
  problems: [
    `variables.states.map(o, o.metadata.?labels[?${quoted(level)}].orValue(variables.clusterLevel))
  .map(found, found in ${listOf(podSecurityLevels)} ? [] : [${quoted(`the label ${level} is `)} + found])`,
  ],
  wayOut: `Set the label ${level} to ${podSecurityLevels.join(" or ")}, ${excepted}.`,
};

const roles = `variables.states.map(o, o.?rules.orValue([])`;

export const wideRoles: AtAdmission = {
  resources: [
    {
      groups: ["rbac.authorization.k8s.io"],
      plurals: ["clusterroles", "roles", "clusterrolebindings", "rolebindings"],
    },
  ],
  problems: [
    `${roles}.map(r,
  (r.?verbs.orValue([]) + r.?resources.orValue([])).filter(x, x.contains("*")).map(x, "a rule has the wildcard " + x)
  + r.?nonResourceURLs.orValue([]).filter(x, x.matches("^/?\\\\*")).map(x, "a rule has the address " + x)
  + r.?verbs.orValue([]).filter(v, v in ["escalate", "bind", "impersonate"])
      .map(v, "with the verb " + v + " it can give itself any right")
  + r.?resources.orValue([])
      .filter(x, x == "nodes/proxy" || (r.?resourceNames.orValue([]).all(n, n == "") && (x == "serviceaccounts/token"
        || (x == "secrets" && o.kind == "ClusterRole"
          && r.?verbs.orValue([]).exists(v, v in ["get", "list", "watch", "*"])))))
      .map(x, "a rule gives " + x + ", which leads to other rights")
  ).flatten())`,
    `variables.states.map(o, !has(o.roleRef) ? [] :
  (o.roleRef.name in (o.kind == "ClusterRoleBinding" ? ["cluster-admin", "admin", "edit"] : ["cluster-admin"])
    ? ["roleRef.name is " + o.roleRef.name] : [])
  + (o.roleRef.name in ${listOf(forEverybody)} ? [] :
      o.?subjects.orValue([]).filter(s, s.name in ${listOf(everybody)}).map(s, "subjects has " + s.name)))`,
  ],
  wayOut: `Name what is needed and who gets it, ${excepted}.`,
};
