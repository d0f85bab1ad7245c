import { metallbImage } from "../../node-config/load-balancers";
import type { KubernetesObject } from "../kubernetes/object";

/**
 * MetalLB's controller alone, which gives addresses; Calico announces them. Upstream's objects with what the controller
 * reads: https://github.com/metallb/metallb/tree/main/config; what differs says why.
 */

const namespace = "kube-system";
const name = "metallb-controller";
const labels = { app: "metallb", component: "controller" };
const rbac = "rbac.authorization.k8s.io/v1";
const group = "rbac.authorization.k8s.io";
const apiGroup = "metallb.io";
const subjects = [{ kind: "ServiceAccount", name, namespace }];
const metricsPort = 7472;
const reads = ["get", "list", "watch"];

const text = { type: "string" };
const count = { type: "integer", format: "int64" };
const poolSchema = {
  type: "object",
  required: ["spec"],
  properties: {
    spec: {
      type: "object",
      required: ["addresses"],
      properties: {
        addresses: { type: "array", items: text },
        autoAssign: { type: "boolean", default: true },
        avoidBuggyIPs: { type: "boolean", default: false },
      },
    },
    status: {
      type: "object",
      properties: Object.fromEntries(
        ["assignedIPv4", "assignedIPv6", "availableIPv4", "availableIPv6"].map((field) => [field, count]),
      ),
    },
  },
};
/** Of the other kinds the controller only asks whether they are there, or watches them; nothing here makes one. */
const anything = { type: "object" };

/** MetalLB's kinds, without which its controller does not start; the pool with the fields that are used here. */
export const kinds: readonly KubernetesObject[] = [
  definition("IPAddressPool", "ipaddresspools", ["v1beta1"], poolSchema),
  definition("Community", "communities", ["v1beta1"]),
  definition("BFDProfile", "bfdprofiles", ["v1beta1"]),
  definition("BGPAdvertisement", "bgpadvertisements", ["v1beta1"]),
  definition("BGPPeer", "bgppeers", ["v1beta2", "v1beta1"]),
  definition("L2Advertisement", "l2advertisements", ["v1beta1"]),
  definition("ServiceBGPStatus", "servicebgpstatuses", ["v1beta1"]),
];

function definition(
  kind: string,
  plural: string,
  versions: readonly string[],
  openAPIV3Schema: object = anything,
): KubernetesObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${apiGroup}`, labels },
    spec: {
      group: apiGroup,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      scope: "Namespaced",
      versions: versions.map((name, at) => ({
        ...{ name, served: true, storage: at === 0, subresources: { status: {} } },
        schema: { openAPIV3Schema },
      })),
    },
  };
}

/** Without the addresses that end in .0 and .255, which some clients and routers take for a network and a broadcast. */
export const pool = (addresses: readonly string[]): KubernetesObject => ({
  apiVersion: `${apiGroup}/v1beta1`,
  kind: "IPAddressPool",
  metadata: { name: "kjerne", namespace },
  spec: { addresses, avoidBuggyIPs: true },
});

/** What the controller may do. Upstream's may read and write each Secret of its namespace too, for a webhook that is off. */
export const access: readonly KubernetesObject[] = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace, labels } },
  {
    apiVersion: rbac,
    kind: "ClusterRole",
    metadata: { name, labels },
    rules: [
      { apiGroups: [""], resources: ["services", "namespaces"], verbs: reads },
      { apiGroups: [""], resources: ["services/status"], verbs: ["update"] },
      { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    ],
  },
  {
    apiVersion: rbac,
    kind: "ClusterRoleBinding",
    metadata: { name, labels },
    roleRef: { apiGroup: group, kind: "ClusterRole", name },
    subjects,
  },
  {
    apiVersion: rbac,
    kind: "Role",
    metadata: { name, namespace, labels },
    rules: [
      { apiGroups: [apiGroup], resources: ["ipaddresspools", "communities"], verbs: reads },
      { apiGroups: [apiGroup], resources: ["ipaddresspools/status"], verbs: ["update"] },
    ],
  },
  {
    apiVersion: rbac,
    kind: "RoleBinding",
    metadata: { name, namespace, labels },
    roleRef: { apiGroup: group, kind: "Role", name },
    subjects,
  },
];

/** How the controller is started, without the program's own name. */
export const controllerArguments = [
  `--namespace=${namespace}`,
  `--port=${metricsPort}`,
  // It would judge objects of MetalLB's; the only one is written here.
  "--webhook-mode=disabled",
];

const probe = { httpGet: { path: "/metrics", port: "metrics" }, periodSeconds: 10, failureThreshold: 3 };

export const deployment: KubernetesObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace, labels },
  spec: {
    replicas: 1,
    // Two would give out the same address.
    strategy: { type: "Recreate" },
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: name,
        priorityClassName: "system-cluster-critical",
        nodeSelector: { "kubernetes.io/os": "linux" },
        tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" }],
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65534,
          runAsGroup: 65534,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
          {
            name: "controller",
            image: metallbImage,
            imagePullPolicy: "IfNotPresent",
            args: controllerArguments,
            ports: [{ name: "metrics", containerPort: metricsPort, protocol: "TCP" }],
            livenessProbe: probe,
            readinessProbe: probe,
            resources: { requests: { cpu: "10m", memory: "64Mi" } },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
          },
        ],
      },
    },
  },
};
