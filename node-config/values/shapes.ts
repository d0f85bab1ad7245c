import { z } from "zod";
import {
  autonomousSystem,
  clientNetwork,
  fabricNetwork,
  loadBalancerNetwork,
  machineAddress,
  nodeNetwork,
  podNetwork,
  portOpenToPods,
  routedNetwork,
  serviceNetwork,
} from "./addresses";
import { archiveKey, authorities } from "./certificates";
import { component, ownDirectory, registryHost, suite, webAddress } from "./locations";
import {
  autodetection,
  domainName,
  hostName,
  imageReference,
  interfaceName,
  labelKey,
  labelValue,
  namespaceName,
  nodeLabelKey,
  nodeTaintKey,
  ownRole,
  server,
  storagePoolName,
  userName,
} from "./names";
import { distinct, text } from "./rule";
import { hostKey } from "./ssh-keys";
import { cpuList } from "./workloads";

/** The shape of one value each, as settings and components take it. What ties several together is in the other files. */
export const values = {
  hostName: text(hostName),
  domainName: text(domainName),
  server: text(server),
  address: text(machineAddress),
  nodeNetwork: text(nodeNetwork),
  fabricNetwork: text(fabricNetwork),
  podNetwork: text(podNetwork),
  serviceNetwork: text(serviceNetwork),
  loadBalancerNetwork: text(loadBalancerNetwork),
  clientNetwork: text(clientNetwork),
  routedNetwork: text(routedNetwork),
  portOpenToPods: z
    .int()
    .min(1)
    .max(65535)
    .check(({ value, issues }) => {
      const message = portOpenToPods(value);
      if (message) issues.push({ code: "custom", message, input: value });
    }),
  port: z.int().min(1).max(65535),
  mtu: z.int().min(1280).max(9216),
  hostKey: text(hostKey),
  userName: text(userName),
  bridge: text(interfaceName("bridge")),
  networkCard: text(interfaceName("network card")),
  poolName: text(storagePoolName),
  directory: text(ownDirectory),
  medium: z.enum(["nvme", "emulated"]),
  role: z.enum(["control-plane", "worker"]),
  /** QEMU's q35 without an IOMMU has 255 at most. */
  cpus: z.int().min(1).max(255),
  memoryMiB: z.int().min(1024).max(16_777_216),
  rootGiB: z.int().min(4).max(16_384),
  etcdGiB: z.int().min(1).max(1024),
  volumeGiB: z.int().min(1).max(65_536),
  pinnedCpus: distinct(z.int().min(0).max(8191)),
  cpuList: text(cpuList),
  hugePagesMiB: z
    .int()
    .min(0)
    .max(16_777_216)
    .check(({ value, issues }) => {
      if (value % 2 === 1)
        issues.push({ code: "custom", message: "is no number of pages of 2 MiB; write an even one", input: value });
    }),
  taints: distinct(
    z.strictObject({
      key: text(nodeTaintKey),
      value: text(labelValue).optional(),
      effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
    }),
    ({ key, effect }) => `${key} ${effect}`,
  ),
  nodeLabels: z.record(text(nodeLabelKey), text(labelValue)),
  nameServers: distinct(text(machineAddress)),
  timeServers: distinct(text(server)),
  autodetection: text(autodetection),
  blockSize: z.int().min(20).max(29),
  asNumber: z
    .int()
    .min(1)
    .max(4_294_967_294)
    .check(({ value, issues }) => {
      const message = autonomousSystem(value);
      if (message) issues.push({ code: "custom", message, input: value });
    }),
  image: text(imageReference),
  packageUri: text(webAddress),
  suite: text(suite),
  components: distinct(text(component)),
  registry: text(registryHost),
  mirror: text(webAddress),
  authorities: text(authorities),
  namespace: text(namespaceName),
  ownRole: text(ownRole),
  labelKey: text(labelKey),
  labelValue: text(labelValue),
  proxyMode: z.enum(["ipvs", "nftables", "iptables"]),
  scheduler: z.enum(["rr", "wrr", "sh", "lc", "wlc"]),
  syncPeriodSeconds: z.int().min(1).max(3600),
} as const;

/** One signed repository; a flat one names no components, any other at least one. */
export function isComplete({
  suite,
  components,
}: {
  suite: string;
  components: readonly string[];
}): string | undefined {
  const isFlat = suite.endsWith("/");
  if (isFlat === (components.length === 0)) return undefined;
  return isFlat
    ? `is a flat repository (its suite ${suite} ends in a slash), which has no components; write components: []`
    : `has the suite ${suite} and no component; name one, such as main`;
}

/** As components take a repository: with its key, not the name of a file. */
export const packageSource = z
  .object({
    uri: values.packageUri,
    suite: values.suite,
    components: values.components,
    publicKey: text(archiveKey),
  })
  .check(({ value, issues }) => {
    const message = isComplete(value);
    if (message) issues.push({ code: "custom", message, input: value });
  });

export const mirrors = distinct(
  z.object({ registry: values.registry, mirror: values.mirror }),
  ({ registry }) => registry,
);

export const pool = z.object({ name: values.poolName, path: values.directory, medium: values.medium });

/** The keys of a component's arguments that say how a machine of the operator's is reached. */
export const reached = { address: values.address, user: values.userName.optional(), hostKey: values.hostKey };

export const router = z.object({
  name: values.hostName,
  address: values.address,
  asNumber: values.asNumber,
  accept: distinct(values.routedNetwork)
    .optional()
    .describe("Networks behind it, whose routes nodes take from it beside pods'. Never the default route."),
  keepOriginalNextHop: z
    .boolean()
    .optional()
    .describe(
      "Whether a node that passes on another node's routes leaves that node as the next hop. Without it this router sees each route from every node.",
    ),
  /** The field in BGP has 12 bits. */
  gracefulRestartSeconds: z
    .int()
    .min(1)
    .max(4095)
    .optional()
    .describe(
      "How long routes stay while a session starts anew. Left out: Calico's 120 s, on nodes and on the router.",
    ),
});

/** Nodes with an autonomous system of their own, and the routers that name it. */
export const rack = z.strictObject({
  name: values.hostName,
  asNumber: values.asNumber.describe("Of its nodes. Other nodes have network.calico.asNumber."),
  nodes: distinct(values.hostName).min(1).describe("Names of nodes."),
});
