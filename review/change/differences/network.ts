import { kindOf, nameOf, namespaceOf, objectsIn } from "../../../policies/kubernetes/objects";
import { deniesTheRest, exemptedBy } from "../../../policies/network/calico-policies";
import { at, isProperties, itemsAt } from "../../../policies/reading";
import type { Resource, Value } from "../../../policies/rule";
import { type Difference, ofType, present, shown } from "./difference";

const peers: Difference = {
  read: (resources) =>
    new Map(
      objectsIn(resources, "projectcalico.org/BGPPeer").map((peer) => [
        shown(nameOf(peer)),
        at(peer.content, "spec.password") === undefined ? "without a password" : "with a password",
      ]),
    ),
  describe(peer, before, after) {
    if (before === undefined) return `BGP peer ${peer} is new, ${after}.`;
    if (after === undefined) return `BGP peer ${peer} is removed.`;
    return after === "with a password"
      ? `BGP peer ${peer} gets a password.`
      : `BGP peer ${peer} loses its password: whoever reaches it can announce routes.`;
  },
};

/** Whether a NetworkPolicy denies by default: an empty pod selector, the direction, and no rule for it. */
function denies(policy: Value, direction: "Ingress" | "Egress"): boolean {
  const selector = at(policy, "spec.podSelector");
  const everyPod = isProperties(selector) && Object.keys(selector).length === 0;
  const types = itemsAt(policy, "spec.policyTypes").map(({ item }) => item);
  return everyPod && types.includes(direction) && itemsAt(policy, `spec.${direction.toLowerCase()}`).length === 0;
}

const both = "denies by default";
const globalKind = "projectcalico.org/GlobalNetworkPolicy";

/** Also for namespaces that no stack declares. */
const everywhere = present(
  (resources) =>
    objectsIn(resources, globalKind)
      .filter((policy) => deniesTheRest(policy, "Ingress") || deniesTheRest(policy, "Egress"))
      .map((policy) => shown(nameOf(policy))),
  (policy) => `Every namespace is denied by default, those made later too: ${policy} is new.`,
  (policy) =>
    `Namespaces are no longer denied by default, but for those with policies of their own: ${policy} is removed.`,
);

function guardOf(resources: readonly Resource[], namespace: string): string {
  const policies = objectsIn(resources, "networking.k8s.io/NetworkPolicy").filter(
    (policy) => namespaceOf(policy) === namespace,
  );
  const ofAll = objectsIn(resources, globalKind).filter((one) => exemptedBy(one)?.includes(namespace) === false);
  const denied = (["Ingress", "Egress"] as const).filter(
    (way) => policies.some(({ content }) => denies(content, way)) || ofAll.some((one) => deniesTheRest(one, way)),
  );
  if (denied.length === 2) return both;
  return denied.length === 1 ? `denies only ${denied[0]?.toLowerCase()} by default` : "denies nothing by default";
}

const namespaces: Difference = {
  read(resources) {
    const names = [
      ...objectsIn(resources, "/Namespace").map(nameOf),
      ...objectsIn(resources, "networking.k8s.io/NetworkPolicy").map(namespaceOf),
    ].map(shown);
    return new Map(names.map((name) => [name, guardOf(resources, name)]));
  },
  describe(name, before, after) {
    if (after === undefined) return `Namespace ${name} is no longer made or guarded by this stack.`;
    if (before === undefined) return `Namespace ${name} is new and ${after}.`;
    if (before === both) return `Namespace ${name} loses its default deny: it ${after}.`;
    return `Namespace ${name} now ${after}.`;
  },
};

const allowed = present(
  (resources) =>
    ofType(resources, "kjerne:security:DefaultDeny").flatMap(({ properties }) =>
      itemsAt(properties, "allow").map(({ item }) => {
        const ports = itemsAt(item, "ports").map((port) => shown(port.item));
        const reached = ports.length > 0 ? ports.join(", ") : shown(at(item, "port"));
        return `${end(at(item, "from"))} to ${end(at(item, "to"))}, ${shown(at(item, "protocol") ?? "TCP")} ${reached}`;
      }),
    ),
  (connection) => `Newly allowed: ${connection}.`,
  (connection) => `No longer allowed: ${connection}.`,
);

/** One side of an allowed connection, as `Allow` has it. */
function end(peer: Value | undefined): string {
  if (at(peer, "apiServer") === true) return "the API server";
  const cidr = at(peer, "cidr");
  if (cidr !== undefined) return shown(cidr);
  const namespace = at(peer, "namespaces") === "all" ? "every namespace" : shown(at(peer, "namespace"));
  return `${namespace} ${labels(at(peer, "labels"))}`;
}

const labels = (value: Value | undefined) =>
  isProperties(value)
    ? Object.entries(value)
        .map(([key, one]) => `${key}=${shown(one)}`)
        .join(" ")
    : "any pod";

const pools: Difference = {
  read: (resources) =>
    new Map(
      objectsIn(resources, "projectcalico.org/IPPool").map((pool) => {
        const modes = [at(pool.content, "spec.ipipMode"), at(pool.content, "spec.vxlanMode")];
        const plain = modes.every((mode) => mode === undefined || mode === "Never");
        return [shown(nameOf(pool)), plain ? "routed as they are" : "put into tunnels"];
      }),
    ),
  describe: (pool, before = "not there", after = "not there") =>
    `Packets of address pool ${pool}: ${after}, before ${before}.`,
};

const proxy: Difference = {
  read: (resources) =>
    new Map(
      ofType(resources, "kjerne:network:KubeProxy").map(({ properties }) => ["mode", shown(at(properties, "mode"))]),
    ),
  describe: (_, before = "nothing", after = "nothing") => `kube-proxy balances with ${after}, before with ${before}.`,
};

/** Objects that let traffic in from outside the cluster. */
const doors = present(
  (resources) =>
    objectsIn(resources, "/Service", "networking.k8s.io/Ingress", "gateway.networking.k8s.io/Gateway")
      .filter(
        ({ content, kind }) =>
          kind !== "Service" || ["NodePort", "LoadBalancer"].includes(shown(at(content, "spec.type"))),
      )
      .map((object) => `${kindOf(object).split("/").at(-1)} ${shown(namespaceOf(object))}/${shown(nameOf(object))}`),
  (door) => `Opened to the outside: ${door}.`,
  (door) => `No longer open to the outside: ${door}.`,
);

export const networkDifferences: readonly Difference[] = [peers, everywhere, namespaces, allowed, doors, pools, proxy];
