import { at } from "../../../policies/judge";
import type { Resource } from "../../../policies/rule";
import { type FactKind, ofType, present, shown } from "./fact";

const peers: FactKind = {
  read: (resources) =>
    new Map(
      resources
        .filter(
          ({ type }) => type.endsWith("projectcalico.org/v1:BGPPeer") || type.endsWith("projectcalico.org/v3:BGPPeer"),
        )
        .map(({ properties }) => [
          shown(at(properties, "metadata.name")),
          at(properties, "spec.password") === undefined ? "without a password" : "with a password",
        ]),
    ),
  tell(peer, before, after) {
    if (before === undefined) return `BGP peer ${peer} is new, ${after}.`;
    if (after === undefined) return `BGP peer ${peer} is removed.`;
    return after === "with a password"
      ? `BGP peer ${peer} gets a password.`
      : `BGP peer ${peer} loses its password: whoever can reach it can announce routes.`;
  },
};

/** As the API has it: an empty selector, a direction, and no rule that lets anything through. */
function denies(policy: Resource, direction: "Ingress" | "Egress"): boolean {
  const spec = (path: string) => at(policy.properties, `spec.${path}`);
  const selector = spec("podSelector");
  const everyPod = typeof selector === "object" && selector !== null && Object.keys(selector).length === 0;
  const rules = spec(direction.toLowerCase());
  const none = rules === undefined || (Array.isArray(rules) && rules.length === 0);
  const types = spec("policyTypes");
  return everyPod && none && Array.isArray(types) && types.includes(direction);
}

const namespaces: FactKind = {
  read(resources) {
    const policies = ofType(resources, "kubernetes:networking.k8s.io/v1:NetworkPolicy");
    const named = ofType(resources, "kubernetes:core/v1:Namespace").map(({ properties }) =>
      at(properties, "metadata.name"),
    );
    const guarded = policies.map(({ properties }) => at(properties, "metadata.namespace"));
    const state = (name: string) => {
      const own = policies.filter(({ properties }) => at(properties, "metadata.namespace") === name);
      const denied = (["Ingress", "Egress"] as const).filter((way) => own.some((policy) => denies(policy, way)));
      return denied.length === 2
        ? "denies by default"
        : denied.length === 1
          ? `denies only ${denied[0]?.toLowerCase()}`
          : "open";
    };
    return new Map([...new Set([...named, ...guarded].map(shown))].map((name) => [name, state(name)]));
  },
  tell(name, before, after) {
    const [was, is] = [before === "denies by default", after === "denies by default"];
    if (after === undefined) return `Namespace ${name} is no longer made or guarded by this stack.`;
    if (before === undefined)
      return is
        ? `Namespace ${name} is new and denies by default.`
        : `Namespace ${name} is new, without default deny in both directions.`;
    if (was) return `Namespace ${name} loses its default deny${after === "open" ? "" : ` and ${after}`}.`;
    return is ? `Namespace ${name} now denies by default.` : `Namespace ${name}: from ${before} to ${after}.`;
  },
};

const allowed = present(
  (resources) =>
    ofType(resources, "kjerne:security:DefaultDeny").flatMap(({ properties }) => {
      const list = at(properties, "allow");
      return (Array.isArray(list) ? list : []).map((allow) => {
        const get = (path: string) => shown(at(allow, path));
        const end = (side: string) => `${get(`${side}.namespace`)}/${JSON.stringify(at(allow, `${side}.labels`))}`;
        return `${end("from")} to ${end("to")} on ${get("protocol")} ${get("port")}`;
      });
    }),
  (connection) => `Newly allowed between pods: ${connection}.`,
  (connection) => `No longer allowed between pods: ${connection}.`,
);

const pools: FactKind = {
  read: (resources) =>
    new Map(
      resources
        .filter(({ type }) => type.endsWith(":IPPool"))
        .map(({ properties }) => [
          shown(at(properties, "metadata.name")),
          [at(properties, "spec.ipipMode"), at(properties, "spec.vxlanMode")].every(
            (mode) => mode === undefined || mode === "Never",
          )
            ? "not encapsulated"
            : "encapsulated",
        ]),
    ),
  tell: (pool, before, after) =>
    `Pod addresses of pool ${pool}: ${before ?? "not there"} before, ${after ?? "not there"} after.`,
};

const proxy: FactKind = {
  read: (resources) =>
    new Map(
      ofType(resources, "kjerne:network:KubeProxy").map(({ properties }) => ["mode", shown(at(properties, "mode"))]),
    ),
  tell: (_, before, after) => `kube-proxy changes from ${before ?? "nothing"} to ${after ?? "nothing"}.`,
};

export const networkFacts: readonly FactKind[] = [peers, namespaces, allowed, pools, proxy];
