import { type ClusterObject, holds, nameOf, objectsIn } from "../kubernetes/objects";
import { containersOf, podsIn } from "../kubernetes/pods";
import { at, type Demand, entriesAt, itemsAt, judged } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import type { Network } from "./parameters";

const calico = "projectcalico.org";

/** Packets cross the network with the pods' own addresses, not inside other packets. */
export const noEncapsulation: Rule<Network> = {
  id: "NET-01",
  name: "no-encapsulation",
  title: "Pod traffic is routed as it is: no IP-in-IP, no VXLAN, no overlay.",
  basis: [
    {
      kind: "technical",
      text: "Routes that the fabric knows are what can be filtered, measured and shown; a tunnel hides them and lowers the MTU.",
      link: "https://docs.tigera.io/calico/latest/networking/configuring/vxlan-ipip",
      date: "2026-11-20",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: [
    "projectcalico.org IPPool: spec.ipipMode, spec.vxlanMode",
    "projectcalico.org FelixConfiguration: spec.ipipEnabled, spec.vxlanEnabled",
    "operator.tigera.io Installation: spec.calicoNetwork.ipPools[].encapsulation",
    "pods: CALICO_IPV4POOL_IPIP, CALICO_IPV4POOL_VXLAN, CALICO_IPV6POOL_VXLAN, FELIX_IPINIPENABLED, FELIX_VXLANENABLED",
    "ConfigMap: data.calico_backend",
    "kjerne:network:CalicoBgp: encapsulation",
  ],
  scope: "each",
  appliesTo: (resource) =>
    resource.type === "kjerne:network:CalicoBgp" ||
    holds(resource, `${calico}/IPPool`, `${calico}/FelixConfiguration`, "operator.tigera.io/Installation") ||
    judgeVariables(resource).length > 0,
  check: (resources) =>
    resources.flatMap((resource) => [
      ...judgePools(resource),
      ...judgeFelix(resource),
      ...judgeInstallation(resource),
      ...judgeVariables(resource),
      ...judgeComponent(resource),
    ]),
};

/** An IPPool's modes default to `Never`. */
function judgePools(resource: Resource): Finding[] {
  return objectsIn([resource], `${calico}/IPPool`).flatMap(({ urn, prefix, content }) =>
    ["ipipMode", "vxlanMode"].map((mode) =>
      judged(urn, `${prefix}spec.${mode}`, at(content, `spec.${mode}`), {
        allows: (value) => value === undefined || value === "Never",
        allowed: "Never",
        wayOut: `Set spec.${mode} to Never; nodes in several networks need their routers as BGP peers instead.`,
      }),
    ),
  );
}

function judgeFelix(resource: Resource): Finding[] {
  return objectsIn([resource], `${calico}/FelixConfiguration`).flatMap(({ urn, prefix, content }) =>
    ["ipipEnabled", "vxlanEnabled"].map((field) =>
      judged(urn, `${prefix}spec.${field}`, at(content, `spec.${field}`), {
        ...off,
        allows: (value) => value === undefined || value === false,
      }),
    ),
  );
}

/** The operator's default is an overlay, so every pool has to set `None`. */
function judgeInstallation(resource: Resource): Finding[] {
  return objectsIn([resource], "operator.tigera.io/Installation").flatMap(({ urn, prefix, content }) => {
    const field = "spec.calicoNetwork.ipPools";
    const found = itemsAt(content, field);
    const demand: Demand = {
      allows: (value) => value === "None",
      allowed: "None",
      wayOut: "Set encapsulation to None on every pool, and bgp to Enabled.",
    };
    if (found.length === 0) return [judged(urn, `${prefix}${field}`, undefined, demand)];
    return found.map(({ field: pool, item }) =>
      judged(urn, `${prefix}${pool}.encapsulation`, at(item, "encapsulation"), demand),
    );
  });
}

const off = { allowed: "false", wayOut: "Switch it off; Calico then routes pod traffic as it is." };

function judgeVariables(resource: Resource): Finding[] {
  const inPods = tunnelVariables(resource).map(({ name, field, value }) => {
    const allowed = name.startsWith("FELIX") ? "false" : "Never";
    const wayOut = `Set ${name} to it, as a plain value.`;
    return judged(resource.urn, field, value, { allows: (found) => found === allowed, allowed, wayOut });
  });
  const backends = objectsIn([resource], "/ConfigMap").flatMap((map) =>
    entriesAt(map.content, "data").filter(({ name, value }) =>
      value === unknown ? isCalico(map) : name === "calico_backend",
    ),
  );
  const inMaps = backends.map(({ field, value }) =>
    judged(resource.urn, field, value, {
      allows: (found) => found === "bird",
      allowed: "bird",
      wayOut: "Set it to bird, the BGP daemon; vxlan is an overlay, none routes nothing.",
    }),
  );
  return [...inPods, ...inMaps];
}

/**
 * Variables that switch a tunnel on or off. With `valueFrom` there is no value here, which is not allowed. A variable
 * whose name is unknown counts in Calico's own workloads only.
 */
function tunnelVariables(resource: Resource): { name: string; field: string; value: Value | undefined }[] {
  return podsIn([resource]).flatMap((pod) =>
    containersOf(pod).flatMap(({ field: container, container: content }) =>
      itemsAt(content, "env").flatMap(({ field, item }) => {
        const name = at(item, "name");
        if (name === unknown && isCalico(pod.owner))
          return [{ name: "", field: `${container}.${field}`, value: unknown }];
        if (typeof name !== "string" || !tunnelNames.test(name)) return [];
        return [{ name, field: `${container}.${field}.value (${name})`, value: at(item, "value") }];
      }),
    ),
  );
}

const isCalico = (object: ClusterObject) => ["calico-node", "calico-config"].includes(nameOf(object) as string);

const tunnelNames = /^(CALICO_IPV4POOL_IPIP|CALICO_IPV[46]POOL_VXLAN|FELIX_(IPINIP|VXLAN)ENABLED)$/;

function judgeComponent({ type, urn, properties }: Resource): Finding[] {
  if (type !== "kjerne:network:CalicoBgp") return [];
  return [
    judged(urn, "encapsulation", at(properties, "encapsulation"), {
      allows: (value) => value === "Never",
      allowed: "Never",
      wayOut:
        "Leave network.calico.encapsulation out (calico.encapsulation of the component), unless the network between the nodes drops pods' addresses, which an up tells: then allow it by an exception with that reason.",
    }),
  ];
}
