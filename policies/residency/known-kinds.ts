/**
 * The kinds of resource that a program may have: those that a rule reads, and those that need none, with the reason. RES-39
 * refuses every other kind, since nobody judges what it does. Objects of Kubernetes are named `<group>/<kind>`.
 */

const cluster = ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
const workloads = ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"];
const inGroup = (group: string, kinds: readonly string[]) => kinds.map((kind) => `${group}/${kind}`);
const calico = (...kinds: readonly string[]) => inGroup("projectcalico.org", kinds);

/** Rule → kinds that it reads. A test asks each rule whether it does. */
export const readByRules: Readonly<Record<string, readonly string[]>> = {
  "SEC-03": [
    "command:local:Command",
    "command:local:run",
    "command:remote:Command",
    "command:remote:CopyFile",
    "command:remote:CopyToRemote",
  ],
  "SEC-01": ["MachineState", "NodeFiles", "NodeScript"].map((kind) => `kjerne-drift:index:${kind}`),
  "SEC-09": ["/Namespace"],
  "SEC-10": inGroup("rbac.authorization.k8s.io", cluster),
  "SEC-11": [
    "/Pod",
    "/PodTemplate",
    "/ReplicationController",
    "batch/CronJob",
    "batch/Job",
    ...inGroup("apps", workloads),
  ],
  "SEC-13": ["helm.sh/Chart", "helm.sh/Release", "kustomize/Directory", "yaml/ConfigFile", "yaml/ConfigGroup"],
  "NET-01": ["operator.tigera.io/Installation", ...calico("FelixConfiguration", "IPPool")],
  "NET-02": calico("BGPPeer"),
  "NET-03": calico("BGPFilter"),
  "NET-04": ["networking.k8s.io/NetworkPolicy", ...calico("GlobalNetworkPolicy", "NetworkPolicy")],
  "NET-05": inGroup("policy.networking.k8s.io", ["AdminNetworkPolicy", "ClusterNetworkPolicy"]),
  "NET-07": ["/Service"],
  "SEC-14": ["/ConfigMap"],
  "RES-11": ["/PersistentVolume", "storage.k8s.io/StorageClass"],
  "RES-29": ["cert-manager.io/ClusterIssuer", "cert-manager.io/Issuer"],
  "NET-10": [
    "networking.k8s.io/Ingress",
    ...inGroup("gateway.networking.k8s.io", ["Gateway", "GRPCRoute", "HTTPRoute", "TLSRoute"]),
  ],
  "RES-41": [
    "/Endpoints",
    "discovery.k8s.io/EndpointSlice",
    "admissionregistration.k8s.io/MutatingWebhookConfiguration",
    "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
    "apiextensions.k8s.io/CustomResourceDefinition",
    "monitoring.coreos.com/Alertmanager",
    "monitoring.coreos.com/Prometheus",
  ],
  "RES-40": ["pulumi:providers:kubernetes"],
};

const limits = "It only limits what others may do or use.";
const refuses = "It only refuses objects; what it lets in is judged where it is declared.";
const chooses = "It chooses among what is there already, and opens nothing.";
const within = "It stays in the cluster: etcd encrypts it (SEC-06), and its backups are recorded (RES-12).";
const metrics = "It says what Prometheus reads from pods; where Prometheus sends it is judged at its own object.";
const generated = "It makes a value in the engine, and reaches nobody. Pulumi's state keeps it (RES-13, RES-14).";

/** Kind → why no rule has to read it. */
export const needNoRule: Readonly<Record<string, string>> = {
  "pulumi:pulumi:Stack": "The engine's own root of all resources.",
  "pulumi:pulumi:StackReference":
    "It only reads what another stack of the same backend gives out (RES-13 judges the backend); rules judge the values where they are used.",
  "pulumi:index:Stash": "It keeps a value in Pulumi's state (RES-13), and reaches nobody.",
  "pulumi:providers:pulumi": "It only serves StackReference and Stash.",
  "pulumi:providers:command": "Where its commands go, and what they do, is judged at each command.",
  "pulumi:providers:kjerne-drift":
    "Which machines it reaches is judged at each MachineState, NodeFiles and NodeScript.",
  "kjerne-drift:index:LocalProgram":
    "It runs a program of kjerne's package, which asks the nodes that the component around it names (RES-02).",
  "pulumi:providers:random": generated,
  "random:index/randomBytes:RandomBytes": generated,
  "random:index/randomId:RandomId": generated,
  "random:index/randomInteger:RandomInteger": generated,
  "random:index/randomPassword:RandomPassword": generated,
  "random:index/randomPet:RandomPet": generated,
  "random:index/randomShuffle:RandomShuffle": generated,
  "random:index/randomString:RandomString": generated,
  "random:index/randomUuid:RandomUuid": generated,
  "/Secret": within,
  "/ServiceAccount": "It is a name; what the name may do is judged at the roles and their bindings (SEC-10).",
  "/LimitRange": limits,
  "/ResourceQuota": limits,
  "/Node": "kubelet made it; a program only gives it labels and taints.",
  "/PersistentVolumeClaim":
    "It asks for a volume; where volumes lie is judged at StorageClass and PersistentVolume (RES-11).",
  "policy/PodDisruptionBudget": limits,
  "autoscaling/HorizontalPodAutoscaler": "It changes the number of pods, each of which is judged at its workload.",
  "scheduling.k8s.io/PriorityClass": chooses,
  "node.k8s.io/RuntimeClass": chooses,
  "storage.k8s.io/CSIDriver": "It describes a driver; its pods and StorageClasses are judged.",
  "coordination.k8s.io/Lease": within,
  "admissionregistration.k8s.io/ValidatingAdmissionPolicy": refuses,
  "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding": refuses,
  "apiregistration.k8s.io/APIService": "It hands a part of the API to a Service of the cluster, whose pods are judged.",
  "flowcontrol.apiserver.k8s.io/FlowSchema": limits,
  "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration": limits,
  "networking.k8s.io/IngressClass": chooses,
  "gateway.networking.k8s.io/GatewayClass": chooses,
  "gateway.networking.k8s.io/ReferenceGrant":
    "It lets routes name Services of other namespaces; policies decide what passes (NET-04).",
  "cert-manager.io/Certificate":
    "It asks an Issuer, which is judged (RES-29), and keeps the key in a Secret of the cluster.",
  "metallb.io/IPAddressPool":
    "It lists addresses for Services; which of them routers are told is judged at BGPPeer and BGPFilter.",
  "monitoring.coreos.com/PodMonitor": metrics,
  "monitoring.coreos.com/PrometheusRule": metrics,
  "monitoring.coreos.com/ServiceMonitor": metrics,
  "projectcalico.org/BGPConfiguration":
    "It says what nodes announce; to whom, and what passes, is judged at BGPPeer and BGPFilter.",
  "projectcalico.org/BlockAffinity": within,
  "projectcalico.org/CalicoNodeStatus": "It only reads the state of a node.",
  "projectcalico.org/ClusterInformation": within,
  "projectcalico.org/GlobalNetworkSet":
    "It names addresses; what they may do is judged at the policies that select them.",
  "projectcalico.org/HostEndpoint": limits,
  "projectcalico.org/IPAMConfiguration": chooses,
  "projectcalico.org/IPReservation": limits,
  "projectcalico.org/KubeControllersConfiguration": "It sets up Calico's controllers, which stay in the cluster.",
  "projectcalico.org/NetworkSet": "It names addresses; what they may do is judged at the policies that select them.",
};
