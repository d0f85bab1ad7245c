import { z } from "zod";
import { defaults } from "../../node-config/defaults";
import { sysctlProfiles } from "../../node-config/sysctl";
import { distinct, line } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";
import { versions } from "../../node-config/versions";
import { fabric } from "./fabric-keys";
import { upgrade } from "./upgrade-keys";

/**
 * What a cluster is made of, key by key, with defaults: the settings of an environment are strict objects of these keys
 * (stacks/schema.ts), and `Cluster` takes its arguments by the same ones. `ClusterArgs` is the type of the latter.
 */

export const networkKeys = {
  nodeCidr: values.nodeNetwork,
  gateway: values.address,
  nameservers: values.nameServers
    .min(1, "is empty; name at least one: CoreDNS ends when it has no server for names outside the cluster")
    .describe("At least one: CoreDNS ends when it has no server for names outside the cluster."),
  timeServers: values.timeServers.default([]).describe("NTP servers, by name or address."),
  mtu: values.mtu.default(defaults.mtu).describe("No more than each hypervisor's bridge and the switches carry."),
  podCidr: values.podNetwork.default(defaults.podCidr),
  serviceCidr: values.serviceNetwork.default(defaults.serviceCidr),
  loadBalancerCidrs: distinct(values.loadBalancerNetwork)
    .default([])
    .describe(
      "Networks out of which Services of type LoadBalancer get addresses, which Calico announces to the routers. Empty: such a Service waits for an address of somebody else's controller.",
    ),
  operators: distinct(values.clientNetwork)
    .default([])
    .describe(
      "Networks, IPv4 or IPv6, from which operators reach sshd of the nodes; the machine that runs `pulumi up` must be in one. Empty: everybody reaches it but pods and other nodes.",
    ),
  fabric: fabric.optional(),
  openToPods: distinct(values.portOpenToPods)
    .default([])
    .describe(
      "Ports of nodes that pods may ask, such as 9100 of a node exporter or 10250 for a metrics server. The API server's and NodePorts are open anyway; what serves the machine itself is refused.",
    ),
};

export const kubernetesKeys = {
  version: z.string().describe("Another one upgrades the nodes, one minor at a time and never back."),
  upgrade,
  endpoint: z
    .strictObject({
      host: values.domainName,
      address: values.address,
      port: values.port.default(defaults.apiPort),
      by: z
        .enum(["yours", "vrrp", "bgp"])
        .default(defaults.endpointBy)
        .describe(
          "Who has the address. vrrp: in turn one of the control planes whose own API server answers, by keepalived among them; nothing else may have it. bgp: each of them, on no network of machines; the routers of network.calico.peers learn it from them, and nodes reach it by network.gateway. yours: the only control plane, or a load balancer that you run.",
        ),
    })
    .describe(
      "The API server: a host name that stays when control planes come and go, and the address behind it, for nodes and operators.",
    ),
  proxy: z
    .strictObject({
      mode: values.proxyMode.default(defaults.proxy.mode),
      scheduler: values.scheduler.default(defaults.proxy.scheduler),
      syncPeriodSeconds: values.syncPeriodSeconds.default(defaults.proxy.syncPeriodSeconds),
      strictArp: z
        .boolean()
        .optional()
        .describe(
          "In mode ipvs, whether a node answers ARP for an address only on the interface that has it: with IPVS each node has every Service's. Left out: where network.loadBalancerCidrs are announced.",
        ),
    })
    .prefault({}),
  sysctlProfiles: distinct(z.enum(sysctlProfiles))
    .default([...defaults.sysctlProfiles])
    .describe("Profiles of every node, in addition to each other and to the kernel settings that Kubernetes needs."),
  exclusiveCpus: z
    .strictObject({ reservedSystemCpus: values.cpuList.default(defaults.exclusiveCpus.reservedSystemCpus) })
    .optional()
    .describe(
      "On workers, CPUs that one pod has for itself, where its requests are whole CPUs and equal its limits. reservedSystemCpus are the system's and kubelet's, such as 0 or 0-1,8. Left out: as the workload's profile wants it.",
    ),
  hugePagesMiB: values.hugePagesMiB
    .default(0)
    .describe("Memory of each worker in pages of 2 MiB for pods that ask for hugepages-2Mi; nobody else has it."),
  metricsServer: z
    .boolean()
    .default(false)
    .describe(
      "metrics-server on a control plane: CPU and memory of nodes and pods, for kubectl top and autoscalers. Its image must be in the supply.",
    ),
  slowEtcdDisk: z
    .enum(["refused", "told"])
    .default(defaults.slowEtcdDisk)
    .describe(
      "What becomes of a machine whose disk is too slow for etcd. Each is measured by fio before it becomes a control plane: 99 of 100 writes have to be on the disk within 10 ms. `refused`: Kubernetes does not start there. `told`: it does, and the deployment and the report say so.",
    ),
  encryptionKey: z
    .int()
    .min(1)
    .default(defaults.encryptionKey)
    .describe(
      "Number of the key that encrypts Secrets and ConfigMaps in etcd. One more makes another key, has everything encrypted by it and takes the old one away, in one `up`; it never goes down.",
    ),
  operators: distinct(
    z.strictObject({
      name: values.hostName,
      clusterRole: values.ownRole.describe(
        "What they may do: view, edit, admin, cluster-admin, or a ClusterRole of your own.",
      ),
      certificate: z
        .int()
        .min(1)
        .default(1)
        .describe(
          "Number of their certificate. One more makes another, and older ones may do nothing any more: after a loss, or where somebody comes back within 30 days.",
        ),
    }),
    ({ name }) => name,
  )
    .default([])
    .describe(
      "People with a certificate of their own for 30 days, which an `up` in its second half renews. Who leaves the list is locked out at once.",
    ),
  probeImage: values.image.describe(
    "agnhost image of the pods that the verification starts. With its digest where the supply does not hold it.",
  ),
};

export const landmarkKeys = {
  name: line.describe("Where it is, for people, such as NIX1 in Oslo."),
  address: values.address,
  port: values.port.describe("TCP. A connection is opened and closed; nothing is sent."),
};

export const verificationKeys = {
  landmarks: distinct(z.strictObject(landmarkKeys), ({ name }) => name)
    .default([])
    .describe(
      "Servers whose place is known and who agree to be asked: the round trip from each node bounds how far away it is. make report times them.",
    ),
  everyMinutes: z
    .int()
    .min(5)
    .max(1440)
    .optional()
    .describe(
      "The cluster is verified on a control plane this often, which writes metrics for Prometheus' node exporter. Control planes then need nodejs. Without it nobody looks between one up and the next.",
    ),
};

export const supplyKeys = {
  debian: z
    .enum(versions.debianOfNodes)
    .default(defaults.debian)
    .describe("Release of Debian that machines made on hypervisors get: one whose suites packages has."),
};

export const packageKeys = {
  uri: values.packageUri,
  suite: values.suite.describe("Such as bookworm; for a flat repository a path that ends in a slash."),
  components: values.components,
};

export const mirrorKeys = {
  registry: values.registry.describe("As it stands in image names, such as registry.k8s.io."),
  mirror: values.mirror.describe(
    "Base address. A path that has v2 in it is the root of the registry's API as it is, such as https://mirror.eksempel.no/v2/cache.",
  ),
};

export const otherNamespaces = z
  .enum(["closed", "reported"], {
    error: ({ input }) =>
      input === undefined
        ? "is missing; write closed to deny traffic and privileged pods in every namespace but kube-system, or reported to be told what closed would refuse: for a cluster that runs already, reported until nothing is told"
        : "is neither closed nor reported",
  })
  .describe(
    "closed: default deny and Pod Security baseline in every namespace but kube-system, those made later among them. reported: nothing is refused outside defaultDeny; the verification names the namespaces that closed would close, and the API server warns of pods that it would refuse.",
  );
