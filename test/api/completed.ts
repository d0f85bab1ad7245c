import type { Described } from "../policies/programs/resources";

type Fields = Readonly<Record<string, unknown>>;
// biome-ignore lint/suspicious/noExplicitAny: objects of any kind
type Any = any;

const image = `shop@sha256:${"0".repeat(64)}`;

/**
 * What a rule's test declares, as an object that an API server takes: with the fields that every such object needs and no
 * rule reads. Undefined for what is no object of a cluster, or a part of one.
 */
export function completed({ type, properties }: Described, number: number): Fields | undefined {
  const [, group = "", kind = ""] = /^kubernetes:([^:]+):(\w+)$/.exec(type) ?? [];
  if (!group || /(Patch|List|Release)$/.test(kind) || !("metadata" in properties)) return undefined;
  const apiVersion = group === "core/v1" ? "v1" : group === "projectcalico.org/v3" ? "crd.projectcalico.org/v1" : group;
  const object: Any = structuredClone({ apiVersion, kind, ...properties });
  object.metadata = { ...object.metadata, name: nameOf(object.metadata.name ?? "x", kind, number) };
  needed[kind]?.(object);
  return object;
}

/** Namespaces and cluster-wide objects of several cases would be the same one. Calico's policies are called after tiers. */
const nameOf = (name: string, kind: string, number: number) =>
  /^(Namespace|ClusterRole|ClusterRoleBinding|PersistentVolume)$/.test(kind) ? `${name}-${number}` : name;

function completePod(spec: Any): void {
  spec.containers ??= [{}];
  for (const [at, container] of spec.containers.entries()) {
    container.name ??= `c${at}`;
    container.image ??= image;
    for (const [port, one] of (container.ports ?? []).entries()) {
      one.containerPort ??= one.hostPort || 8080 + port;
      if (spec.hostNetwork) one.hostPort = one.containerPort;
    }
    if (container.livenessProbe?.httpGet) container.livenessProbe.httpGet.path ??= "/";
  }
  for (const [at, volume] of (spec.volumes ?? []).entries()) volume.name ??= `v${at}`;
}

function template(object: Any): void {
  const labels = { app: "shop" };
  const { template } = object.spec;
  template.metadata = { ...template.metadata, labels };
  object.spec.selector = { matchLabels: labels };
  completePod(template.spec);
  if (object.kind === "StatefulSet") object.spec.serviceName = "shop";
}

const rbac = "rbac.authorization.k8s.io";
const role = (object: Any) => {
  for (const rule of object.rules) {
    if (!rule.nonResourceURLs) rule.apiGroups ??= [""];
    if (!rule.nonResourceURLs) rule.resources ??= ["pods"];
    rule.verbs ??= ["get"];
  }
};
const binding = (object: Any) => {
  object.roleRef = { apiGroup: rbac, kind: "ClusterRole", ...object.roleRef };
  object.subjects = (object.subjects ?? []).map((subject: Any) => ({ apiGroup: rbac, ...subject }));
};

const needed: Readonly<Record<string, (object: Any) => void>> = {
  Pod: ({ spec }) => completePod(spec),
  CronJob: ({ spec }) => {
    spec.schedule ??= "0 3 * * *";
    const pod = spec.jobTemplate.spec.template.spec;
    pod.restartPolicy ??= "Never";
    completePod(pod);
  },
  ...{ DaemonSet: template, Deployment: template, ReplicaSet: template, StatefulSet: template },
  IPPool: ({ spec }) => {
    spec.cidr = "10.244.0.0/16";
  },
  Service: ({ spec }) => {
    if (spec.type === "ExternalName") spec.externalName ??= "db.eksempel.no";
    if (spec.healthCheckNodePort)
      Object.assign(spec, {
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        allocateLoadBalancerNodePorts: false,
      });
    spec.ports ??= [{ port: 80 }];
  },
  ...{ ClusterRole: role, Role: role, ClusterRoleBinding: binding, RoleBinding: binding },
  PersistentVolume: ({ spec }) => {
    spec.capacity ??= { storage: "1Gi" };
    spec.accessModes ??= ["ReadWriteOnce"];
    const expression = { key: "kubernetes.io/hostname", operator: "In", values: ["worker1"] };
    if (spec.local) spec.nodeAffinity ??= { required: { nodeSelectorTerms: [{ matchExpressions: [expression] }] } };
  },
  NetworkPolicy: ({ apiVersion, spec }) => {
    if (apiVersion === "networking.k8s.io/v1") spec.podSelector ??= {};
  },
  Ingress: ({ spec }) => {
    const service = { name: "shop", port: { number: 80 } };
    for (const rule of spec.rules ?? [])
      rule.http = { paths: [{ path: "/", pathType: "Prefix", backend: { service } }] };
    if (spec.defaultBackend) spec.defaultBackend = { service };
  },
};
