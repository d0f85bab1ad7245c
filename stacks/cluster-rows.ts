import { anotherCluster, type SettingRow } from "./classes";

const pods = "calico-node restarts node by node";
const smaller = "connections between nodes break off for seconds; pods take smaller packets once they start anew";
const routes = "Calico's BGP settings; sessions start anew";
const proxy = "kube-proxy's pods restart node by node";
const mirrors = "containerd's file for that registry on each node, and containerd restarts; containers live on";
const sources = "where new images, and packages of machines that were there before, come from";
const doors =
  "each node's own rules of nftables; they undo themselves after ten minutes when no new ssh session gets through";
const policies = "the namespace's network policies";

/** What a change of the cluster's settings does: its network, Kubernetes and what is installed, and what runs in it. */
export const clusterRows: readonly SettingRow[] = [
  [
    "workload",
    "in place",
    "another profile turns on and off what kubernetes.sysctlProfiles and kubernetes.exclusiveCpus do, beside what these say",
  ],
  ["network.nodeCidr", "refused", `every address lies in it: ${anotherCluster}`],
  ["network.gateway", "in place", "the network file of machines that kjerne makes; `networkctl reload`"],
  [
    "network.nameservers",
    "in place",
    "/etc/resolv.conf of machines that kjerne makes; CoreDNS has it after its next start",
  ],
  ["network.timeServers", "in place", "chrony's sources on machines that kjerne makes; `chronyc reload sources`"],
  [
    "network.mtu",
    "in place",
    `the network file of machines that kjerne makes, and Calico's: ${pods}. The virtual network card has it after the next start`,
  ],
  ["network.podCidr", "refused", `pods and routes are made from it: ${anotherCluster}`],
  ["network.serviceCidr", "refused", `Services and certificates are made from it: ${anotherCluster}`],
  [
    "network.loadBalancerCidrs",
    "in place",
    "Calico's BGP settings and filters, whose sessions go on, the pool out of which Services get addresses, and each node's rules of nftables; no machine restarts. A network in which a Service has an address does not go, and the `up` names the Service",
  ],
  ["network.operators", "in place", doors],
  ["network.openToPods", "in place", doors],
  [
    "network.fabric",
    "in place",
    "files of nodes with a card there, the RuntimeClass and who may use it; the first time containerd restarts, containers live on. Pods of the class `fabric` have another network or MTU once they start anew, and a node another kind once its last one has gone; with `multus`, its definitions and a file on these nodes come and go, and pods keep their interfaces; remove them before the fabric goes",
  ],
  ["network.calico.autodetection", "in place", pods],
  ["network.calico.blockSize", "refused", `pods have addresses out of such blocks: ${anotherCluster}`],
  ["network.calico.asNumber", "in place", routes],
  ["network.calico.meshPassword", "in place", "another password; each session between nodes starts anew with it"],
  [
    "network.calico.reflectors",
    "in place",
    "sessions of nodes that begin or cease to reflect start anew, one node after the other, and for seconds their own pods are out of reach; the mesh of all others ends once every node has all routes by a reflector, and stands again before the last one ceases",
  ],
  ["network.calico.version", "in place", `Calico's objects that differ; ${pods}`],
  ["network.calico.manifest", "in place", `Calico's objects that differ; ${pods}`],
  ["network.calico.manifestSha256", "in place", "what the manifest must be; Calico's objects that differ"],
  ["network.calico.encapsulation", "in place", `${pods}; ${smaller}`],
  [
    "network.calico.racks",
    "in place",
    "another autonomous system of a node: each of its sessions starts anew, and so do the router's, whose side has to change with it",
  ],
  ["network.calico.peers", "in place", "the session with that router, which starts anew"],
  [
    "kubernetes.version",
    "rolling",
    "control planes one by one, then workers: drained, changed, and back (operations.md); another minor than the next one, and an older version, are refused before anything happens",
  ],
  ["kubernetes.upgrade", "in place", "the next change of versions goes by it"],
  ["kubernetes.endpoint.host", "refused", `certificates and kubeconfigs have it: ${anotherCluster}`],
  [
    "kubernetes.endpoint.address",
    "rolling",
    "/etc/hosts of every node, then the certificate and the API server of each control plane",
  ],
  [
    "kubernetes.endpoint.by",
    "in place",
    "control planes have the address in turn, or all that announce it to routers, or leave it to your load balancer; by vrrp the image of new machines is another one. Routers are configured before bgp",
  ],
  ["kubernetes.endpoint.port", "refused", `kubeconfigs of all nodes have it: ${anotherCluster}`],
  [
    "kubernetes.proxy.mode",
    "rolling",
    "each node in turn is drained, rid of the old mode's rules, and served by the new one; no machine restarts (network.md)",
  ],
  ["kubernetes.proxy.scheduler", "in place", proxy],
  ["kubernetes.proxy.syncPeriodSeconds", "in place", proxy],
  ["kubernetes.proxy.strictArp", "in place", proxy],
  [
    "kubernetes.sysctlProfiles",
    "in place",
    "systemd applies the files; one taken out keeps its effect until the node restarts",
  ],
  [
    "kubernetes.exclusiveCpus",
    "in place",
    "a file of kubelet's on workers; kubelet forgets whose CPUs are whose and starts anew, its pods run on. Drain a worker before where pods count on CPUs of their own",
  ],
  [
    "kubernetes.hugePagesMiB",
    "in place",
    "a kernel setting of workers, and kubelet starts anew; where memory is in pieces the kernel takes fewer, which the verification tells, until the node restarts",
  ],
  [
    "kubernetes.operators",
    "in place",
    "a binding and a certificate come or go; no machine restarts, and who leaves the list is locked out at once",
  ],
  [
    "kubernetes.metricsServer",
    "in place",
    "metrics-server comes or goes, with its certificate; no machine restarts. Without its image in supply.index it is refused",
  ],
  ["kubernetes.slowEtcdDisk", "in place", "control planes that are made from then on are judged by it"],
  ["kubernetes.encryptionKey", "rolling", "API servers three times; it never goes down (operations.md)"],
  ["kubernetes.probeImage", "in place", "the verification's own pods, at its next run"],
  ["supply.packages", "new machines", sources],
  ["supply.debian", "new machines", "an image of that release is built; its packages change with it"],
  [
    "supply.index",
    "rolling",
    "the node image, built at once, for machines made from then on; another Kubernetes or container runtime takes the nodes there one by one, as kubernetes.version does",
  ],
  ["supply.imageMirrors", "in place", mirrors],
  ["supply.caFile", "in place", mirrors],
  [
    "backup",
    "in place",
    "files of control planes, and a backup is taken at once; backups in another place or to other recipients stay as they are. Where the store shows a certificate of another authority than caFile's, the `up` says so, and the backups that are there stay. The first time, control planes need two packages more: machines that kjerne made before are refused until they are made anew",
  ],
  [
    "otherNamespaces",
    "rolling",
    "one policy of Calico's for all namespaces comes or goes at once, then each API server starts anew with another level of Pod Security; pods that run stay (operations.md)",
  ],
  [
    "admission",
    "in place",
    "policies of the API server, which act within seconds on what is made or changed from then on; what is there stays (policies.md)",
  ],
  [
    "verification.everyMinutes",
    "in place",
    "a timer on control planes, and a login on each node that control planes reach by ssh. The first time, control planes need nodejs: machines that kjerne made before are refused until they are made anew. Taken out, the login stays without its key",
  ],
  ["verification.landmarks", "in place", "the verification runs; `make report` times the new ones"],
  [
    "defaultDeny[].namespace",
    "in place",
    "policies of the new namespace come, those of the old one go; a namespace stays with what is in it",
  ],
  ["defaultDeny[].allow", "in place", policies],
  ["deletionProtection", "record", "whether the engine refuses to delete control planes and keys"],
  ["residency", "record", "facts that policies judge"],
  ["backupCredentials", "in place", "a file of control planes, and a backup is taken at once"],
  ["bgpPasswords", "in place", "a Secret; the session with that router starts anew"],
];
