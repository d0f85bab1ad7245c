import { z } from "zod";
import { packParameters } from "../pack";

/** A workload or Service that may do what a rule forbids to all others. */
const allowance = z.strictObject({
  namespace: z.string(),
  kind: z.string(),
  name: z.string(),
  /** Why, in a sentence. */
  why: z.string().min(10),
});

const minor = z.string().regex(/^\d+\.\d+$/, "is not a Kubernetes minor such as 1.36");

const modes = z.record(
  z.string(),
  z.strictObject({
    /** First minor release that has the mode. */
    from: minor.optional(),
    deprecatedFrom: minor.optional(),
    /** First minor release in which the mode needs the feature gate `KubeProxyIPVS`. */
    gatedFrom: minor.optional(),
    /** First minor release without the mode. */
    removedFrom: minor.optional(),
    instead: z.string().optional(),
  }),
);

const hostNetworkWhy = "It makes the pod network itself, so it can't be in it.";

/** Parameters of the network pack: the key `pack` of `--policy-pack-config`. */
export const parameters = packParameters.extend({
  /** Namespaces of the cluster's own components, which default deny would cut off from each other. */
  systemNamespaces: z
    .array(z.string())
    .default(["kube-system", "kube-public", "kube-node-lease", "calico-system", "calico-apiserver", "tigera-operator"]),
  /** Workloads and Services that may use the node's network, a host port or a NodePort. */
  nodeNetwork: z.array(allowance).default([
    { namespace: "kube-system", kind: "DaemonSet", name: "calico-node", why: hostNetworkWhy },
    { namespace: "calico-system", kind: "DaemonSet", name: "calico-node", why: hostNetworkWhy },
    {
      namespace: "calico-system",
      kind: "Deployment",
      name: "calico-typha",
      why: "calico-node asks it before there is a pod network.",
    },
    {
      namespace: "tigera-operator",
      kind: "Deployment",
      name: "tigera-operator",
      why: "It installs the pod network, and so starts before it.",
    },
    { namespace: "kube-system", kind: "DaemonSet", name: "kube-proxy", why: "It writes the node's own service rules." },
    {
      namespace: "kube-system",
      kind: "Deployment",
      name: "metrics-server",
      why: "Kubelets answer control planes alone, and it asks them from there.",
    },
  ]),
  /** RuntimeClasses that give a pod an interface beside that on the pod network, by name. */
  fabricClasses: z.array(z.string()).default(["fabric"]),
  /** Workloads whose pods may have a second interface, each with what holds there in the place of policies. */
  secondInterfaces: z.array(allowance).default([]),
  /** Widest block of private addresses that egress may allow, as prefix lengths: a lower number is a wider block. */
  widestEgress: z
    .strictObject({ ipv4: z.int().min(1).max(32), ipv6: z.int().min(1).max(128) })
    .default({ ipv4: 8, ipv6: 16 }),
  /** The same for addresses of the internet. So many addresses are also the most that all egress may allow together. */
  widestPublicEgress: z
    .strictObject({ ipv4: z.int().min(1).max(32), ipv6: z.int().min(1).max(128) })
    .default({ ipv4: 16, ipv6: 32 }),
  /**
   * kube-proxy mode → Kubernetes releases: KEP-5495 (IPVS is deprecated in 1.35, behind a feature gate from 1.40,
   * removed in 1.43), KEP-3866 (nftables is stable in 1.33).
   */
  proxyModes: modes.default({
    ipvs: { deprecatedFrom: "1.35", gatedFrom: "1.40", removedFrom: "1.43", instead: "nftables" },
    nftables: { from: "1.33" },
    iptables: {},
  }),
});

export type Network = z.infer<typeof parameters>;
