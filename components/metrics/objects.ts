import type { Input } from "@pulumi/pulumi";
import { metricsPort, metricsServerImage } from "../../node-config/metrics";
import type { KubernetesObject } from "../kubernetes/object";

/** Upstream's objects, https://github.com/kubernetes-sigs/metrics-server/tree/master/manifests; what differs says why. */

const namespace = "kube-system";
const name = "metrics-server";
const labels = { "k8s-app": name };
const rbac = "rbac.authorization.k8s.io/v1";
const group = "rbac.authorization.k8s.io";
const subjects = [{ kind: "ServiceAccount", name, namespace }];

/** The name that its certificate has, and that API servers ask for. */
export const serverName = `${name}.${namespace}.svc`;

/** What metrics-server may do, and who may ask it. */
export const access: readonly KubernetesObject[] = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace, labels } },
  {
    apiVersion: rbac,
    kind: "ClusterRole",
    metadata: {
      name: "system:aggregated-metrics-reader",
      labels: Object.fromEntries(
        ["view", "edit", "admin"].map((role) => [`rbac.authorization.k8s.io/aggregate-to-${role}`, "true"]),
      ),
    },
    rules: [{ apiGroups: ["metrics.k8s.io"], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] }],
  },
  {
    apiVersion: rbac,
    kind: "ClusterRole",
    metadata: { name: `system:${name}`, labels },
    rules: [
      { apiGroups: [""], resources: ["nodes/metrics"], verbs: ["get"] },
      { apiGroups: [""], resources: ["pods", "nodes"], verbs: ["get", "list", "watch"] },
    ],
  },
  {
    apiVersion: rbac,
    kind: "RoleBinding",
    metadata: { name: `${name}-auth-reader`, namespace, labels },
    roleRef: { apiGroup: group, kind: "Role", name: "extension-apiserver-authentication-reader" },
    subjects,
  },
  ...["system:auth-delegator", `system:${name}`].map((role) => ({
    apiVersion: rbac,
    kind: "ClusterRoleBinding",
    metadata: { name: role === "system:auth-delegator" ? `${name}:${role}` : role, labels },
    roleRef: { apiGroup: group, kind: "ClusterRole", name: role },
    subjects,
  })),
];

export const service: KubernetesObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, namespace, labels },
  spec: { selector: labels, ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: "https" }] },
};

/** Its certificate and key, in base64. */
export const certificateOf = (data: Input<Readonly<Record<string, string>>>): KubernetesObject => ({
  apiVersion: "v1",
  kind: "Secret",
  type: "kubernetes.io/tls",
  metadata: { name: `${name}-tls`, namespace, labels },
  data,
});

/** API servers believe it by the cluster's CA; upstream has them believe anybody. */
export const apiServiceOf = (caBundle: Input<string>): KubernetesObject => ({
  apiVersion: "apiregistration.k8s.io/v1",
  kind: "APIService",
  metadata: { name: "v1beta1.metrics.k8s.io", labels },
  spec: {
    group: "metrics.k8s.io",
    version: "v1beta1",
    groupPriorityMinimum: 100,
    versionPriority: 100,
    service: { name, namespace },
    caBundle,
  },
});

const probe = (path: string) => ({
  httpGet: { path, port: "https", scheme: "HTTPS" },
  periodSeconds: 10,
  failureThreshold: 3,
});

/** On control planes, in their own network: kubelets answer these alone, and no port has to be opened to pods. */
export const deployment: KubernetesObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace, labels },
  spec: {
    replicas: 1,
    // Two would want the same port.
    strategy: { type: "Recreate" },
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: name,
        priorityClassName: "system-cluster-critical",
        hostNetwork: true,
        nodeSelector: { "kubernetes.io/os": "linux", "node-role.kubernetes.io/control-plane": "" },
        tolerations: [{ key: "node-role.kubernetes.io/control-plane", operator: "Exists", effect: "NoSchedule" }],
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65534,
          runAsGroup: 65534,
          fsGroup: 65534,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
          {
            name,
            image: metricsServerImage,
            imagePullPolicy: "IfNotPresent",
            args: [
              `--secure-port=${metricsPort}`,
              "--tls-cert-file=/etc/metrics-server/tls.crt",
              "--tls-private-key-file=/etc/metrics-server/tls.key",
              // Kubelets show certificates of the cluster's CA, with their addresses.
              "--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
              "--kubelet-preferred-address-types=InternalIP",
              "--kubelet-use-node-status-port",
              "--metric-resolution=15s",
            ],
            ports: [{ name: "https", containerPort: metricsPort, hostPort: metricsPort, protocol: "TCP" }],
            livenessProbe: probe("/livez"),
            readinessProbe: probe("/readyz"),
            resources: { requests: { cpu: "100m", memory: "200Mi" } },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
            volumeMounts: [{ name: "tls", mountPath: "/etc/metrics-server", readOnly: true }],
          },
        ],
        volumes: [{ name: "tls", secret: { secretName: `${name}-tls`, defaultMode: 0o440 } }],
      },
    },
  },
};
