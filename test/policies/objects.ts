import type { Described } from "./programs/resources";

export const calico = "crd.projectcalico.org/v1";

/** A resource that declares a Kubernetes object. */
export function object(type: string, name: string, fields: object, namespace?: string): Described {
  const metadata = { name, ...(namespace ? { namespace } : {}) };
  return {
    type: `kubernetes:${type}`,
    name: namespace ? `${namespace}-${name}` : name,
    properties: { metadata, ...fields },
  };
}

/** A workload with this pod spec. */
export function workload(name: string, namespace: string, spec: object, kind = "Deployment"): Described {
  return object(`apps/v1:${kind}`, name, { spec: { template: { spec } } }, namespace);
}

/** A pod spec with one container. */
export function container(more: object = {}): { containers: object[] } {
  return { containers: [{ name: "main", image: `shop@sha256:${"0".repeat(64)}`, ...more }] };
}

export function policy(name: string, namespace: string, spec: object): Described {
  return object("networking.k8s.io/v1:NetworkPolicy", name, { spec }, namespace);
}

/** A NetworkPolicy with one egress rule in the namespace `shop`. */
export function egress(name: string, rule: object): Described {
  const podSelector = { matchLabels: { app: name } };
  return policy(name, "shop", { podSelector, policyTypes: ["Egress"], egress: [rule] });
}

export function pool(name: string, spec: object): Described {
  return object(`${calico}:IPPool`, name, { spec });
}

/** A BGPPeer of a router, with the filter `pods-only`. */
export function peer(name: string, spec: object): Described {
  return object("projectcalico.org/v3:BGPPeer", name, {
    spec: { peerIP: "10.20.0.3", filters: ["pods-only"], ...spec },
  });
}

export function service(name: string, spec: object): Described {
  return object("core/v1:Service", `service-${name}`, { spec }, "shop");
}
