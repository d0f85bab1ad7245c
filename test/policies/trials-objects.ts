import { container, egress, object, service, workload } from "./objects";
import type { Described } from "./programs/resources";

const rbac = "rbac.authorization.k8s.io/v1";
const role = (rule: object, kind = "ClusterRole", name = "r") => object(`${rbac}:${kind}`, name, { rules: [rule] });
const binding = (kind: string, name: string, to: string, subject = "somebody") =>
  object(`${rbac}:${kind}`, name, { roleRef: { name: to }, subjects: [{ kind: "Group", name: subject }] });
const pod = (spec: object, name = "p", namespace = "shop", kind = "Deployment") =>
  workload(name, namespace, { ...container(), ...spec }, kind);
const inContainer = (more: object) => workload("p", "shop", container(more));
const volume = (spec: object) => object("core/v1:PersistentVolume", "v", { spec });
const admin = (kind: string, spec: object) => object(`policy.networking.k8s.io/v1alpha1:${kind}`, "a", { spec });
const custom = (spec: object) => object("acme.example/v1:Farm", "farm", { spec }, "shop");
const webhook = (kind: string, url: string) =>
  object(`admissionregistration.k8s.io/v1:${kind}WebhookConfiguration`, "w", { webhooks: [{ clientConfig: { url } }] });
const eights = Array.from({ length: 256 }, (_, i) => ({ ipBlock: { cidr: `${i}.0.0.0/8` } }));
const sixteens = Array.from({ length: 2 }, (_, i) => ({ ipBlock: { cidr: `3.${i}.0.0/16` } }));

/** Objects that contradict a rule's own title, each with the rule that refuses it. */
export const refused: readonly (readonly [id: string, what: string, object: Described])[] = [
  [
    "NET-07",
    "a LoadBalancer that names a node port",
    service("a", {
      type: "LoadBalancer",
      allocateLoadBalancerNodePorts: false,
      ports: [{ port: 80, nodePort: 30080 }],
    }),
  ],
  ["NET-07", "a port for health checks on every node", service("b", { healthCheckNodePort: 30081 })],
  ["SEC-11", "a privileged pod in kube-system", pod({ hostPID: true }, "miner", "kube-system")],
  ["SEC-11", "a Deployment with the name of a system DaemonSet", pod({ hostPID: true }, "calico-node", "kube-system")],
  ["SEC-11", "a PersistentVolume with the node's root", volume({ hostPath: { path: "/" } })],
  ["SEC-11", "a local volume with the node's files", volume({ local: { path: "/etc/kubernetes" } })],
  ["SEC-11", "sysctls of the node", pod({ securityContext: { sysctls: [{ name: "kernel.msgmax", value: "1" }] } })],
  [
    "SEC-11",
    "an SELinux type that owns the node",
    inContainer({ securityContext: { seLinuxOptions: { type: "spc_t" } } }),
  ],
  ["SEC-11", "an SELinux user", pod({ securityContext: { seLinuxOptions: { user: "system_u" } } })],
  ["SEC-11", "no AppArmor", inContainer({ securityContext: { appArmorProfile: { type: "Unconfined" } } })],
  ["SEC-11", "a probe of another host", inContainer({ livenessProbe: { httpGet: { host: "10.0.0.1", port: 80 } } })],
  [
    "SEC-11",
    "a privileged pod of a custom resource",
    custom({ template: { spec: { hostPID: true, containers: [{ name: "a" }] } } }),
  ],
  ["SEC-10", "a RoleBinding that is called cluster-admin", binding("RoleBinding", "cluster-admin", "cluster-admin")],
  [
    "SEC-10",
    "a patch of the binding cluster-admin",
    object(`${rbac}:ClusterRoleBindingPatch`, "cluster-admin", { subjects: [{ kind: "User", name: "me" }] }),
  ],
  [
    "SEC-10",
    "a Role that is called cluster-admin",
    role({ verbs: ["*"], resources: ["pods"] }, "Role", "cluster-admin"),
  ],
  [
    "SEC-10",
    "a patch of the role cluster-admin",
    role({ verbs: ["*"], resources: ["pods"] }, "ClusterRolePatch", "cluster-admin"),
  ],
  ["SEC-10", "strangers who may edit", binding("RoleBinding", "b", "edit", "system:unauthenticated")],
  ["SEC-10", "everybody who may view", binding("ClusterRoleBinding", "b", "view", "system:authenticated")],
  ["SEC-10", "somebody who edits in every namespace", binding("ClusterRoleBinding", "b", "edit")],
  ...["escalate", "bind", "impersonate"].map(
    (verb) => ["SEC-10", `the verb ${verb}`, role({ verbs: [verb], resources: ["roles"] }, "Role")] as const,
  ),
  ["SEC-10", "Secrets everywhere", role({ verbs: ["get"], resources: ["secrets"] })],
  ["SEC-10", "nodes/proxy", role({ verbs: ["get"], resources: ["nodes/proxy"] })],
  ["SEC-10", "tokens of every service account", role({ verbs: ["create"], resources: ["serviceaccounts/token"] })],
  ["SEC-10", "all parts of a resource", role({ verbs: ["get"], resources: ["pods/*"] })],
  ["NET-05", "256 blocks that are the internet", egress("e", { to: eights })],
  ["NET-05", "a block of one company in the US", egress("e", { to: [{ ipBlock: { cidr: "3.0.0.0/8" } }] })],
  ["NET-05", "two blocks that are too much together", egress("e", { to: sixteens })],
  [
    "NET-05",
    "an AdminNetworkPolicy to everywhere",
    admin("AdminNetworkPolicy", { egress: [{ action: "Allow", to: [{ networks: ["0.0.0.0/0"] }] }] }),
  ],
  [
    "NET-05",
    "a ClusterNetworkPolicy to everywhere",
    admin("ClusterNetworkPolicy", { egress: [{ action: "Accept", to: [{ networks: ["0.0.0.0/0"] }] }] }),
  ],
  [
    "NET-05",
    "Pass in the last tier",
    object("projectcalico.org/v3:GlobalNetworkPolicy", "g", { spec: { egress: [{ action: "Pass" }] } }),
  ],
  [
    "NET-04",
    "Pass in the last tier",
    object("projectcalico.org/v3:GlobalNetworkPolicy", "g", { spec: { order: 1, ingress: [{ action: "Pass" }] } }),
  ],
  [
    "NET-04",
    "everybody who may come in",
    object("projectcalico.org/v3:GlobalNetworkPolicy", "g", { spec: { ingress: [{ action: "Allow" }] } }),
  ],
  [
    "NET-04",
    "every namespace that may come in",
    admin("AdminNetworkPolicy", { ingress: [{ action: "Allow", from: [{ namespaces: {} }] }] }),
  ],
  [
    "SEC-12",
    "a volume that is an image by tag",
    pod({ volumes: [{ name: "v", image: { reference: "docker.io/a/b:1" } }] }),
  ],
  [
    "RES-18",
    "a volume that is an image at Docker Hub",
    pod({ volumes: [{ name: "v", image: { reference: "docker.io/a/b:1" } }] }),
  ],
  ["SEC-12", "an image by tag in a custom resource", custom({ image: "docker.io/a/b:1" })],
  ["RES-18", "an image at Docker Hub in a custom resource", custom({ agent: { image: "docker.io/a/b:1" } })],
  [
    "RES-11",
    "a PersistentVolume in the cloud",
    volume({ capacity: { storage: "1Gi" }, awsElasticBlockStore: { volumeID: "v" } }),
  ],
  ["RES-11", "a PersistentVolume on a server", volume({ nfs: { server: "nfs.example.com", path: "/" } })],
  ["RES-11", "a volume of a pod in the cloud", pod({ volumes: [{ name: "v", csi: { driver: "ebs.csi.aws.com" } }] })],
  ["RES-17", "a pod with name servers of its own", pod({ dnsPolicy: "None", dnsConfig: { nameservers: ["8.8.8.8"] } })],
  ["RES-39", "backups of Velero", object("velero.io/v1:BackupStorageLocation", "b", { spec: {} })],
  ["RES-39", "secrets from a store abroad", object("external-secrets.io/v1:SecretStore", "s", { spec: {} })],
  ["RES-39", "a policy of Cilium", object("cilium.io/v2:CiliumNetworkPolicy", "c", { spec: {} })],
  ["RES-39", "a profile of Calico", object("projectcalico.org/v3:Profile", "p", { spec: {} })],
  ["RES-41", "a webhook abroad that validates", webhook("Validating", "https://hook.example.com")],
  ["RES-41", "a webhook abroad that mutates", webhook("Mutating", "https://hook.example.com")],
  [
    "RES-41",
    "a conversion abroad",
    object("apiextensions.k8s.io/v1:CustomResourceDefinition", "c", {
      spec: { conversion: { webhook: { clientConfig: { url: "https://a.example.com" } } } },
    }),
  ],
  ["RES-41", "a Service with a name abroad", service("c", { type: "ExternalName", externalName: "db.example.com" })],
  [
    "RES-41",
    "addresses abroad behind a Service",
    object("discovery.k8s.io/v1:EndpointSlice", "s", { endpoints: [{ addresses: ["203.0.113.9"] }] }, "shop"),
  ],
  [
    "RES-41",
    "metrics that are sent abroad",
    object(
      "monitoring.coreos.com/v1:Prometheus",
      "m",
      { spec: { remoteWrite: [{ url: "https://m.example.com/push" }] } },
      "shop",
    ),
  ],
  ["RES-41", "an address abroad in an argument", inContainer({ args: ["--remote-write=https://m.example.com/push"] })],
  [
    "SEC-14",
    "a password in a pod's environment",
    inContainer({ env: [{ name: "DB_PASSWORD", value: "hunter2hunter2" }] }),
  ],
  [
    "SEC-14",
    "a private key in a ConfigMap",
    object("core/v1:ConfigMap", "c", { data: { "tls.key": "-----BEGIN RSA PRIVATE KEY-----" } }, "shop"),
  ],
  [
    "NET-10",
    "a Gateway for routes of every namespace",
    object(
      "gateway.networking.k8s.io/v1:Gateway",
      "g",
      { spec: { listeners: [{ allowedRoutes: { namespaces: { from: "All" } } }] } },
      "shop",
    ),
  ],
  [
    "NET-10",
    "an Ingress for whatever nobody else answers",
    object("networking.k8s.io/v1:Ingress", "i", { spec: { defaultBackend: {} } }, "shop"),
  ],
];
