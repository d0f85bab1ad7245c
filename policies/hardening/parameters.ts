import { z } from "zod";
import { packParameters } from "../pack";

const named = z.strictObject({
  name: z.string(),
  /** Why, in a sentence. */
  why: z.string().min(10),
});

const workload = named.extend({ namespace: z.string(), kind: z.string() });

/** Parameters of the hardening pack: the key `pack` of `--policy-pack-config`. */
export const parameters = packParameters.extend({
  /** Algorithms of host keys that may be pinned. Pinned RSA keys fail, as OpenSSH servers now offer ed25519 first. */
  hostKeyAlgorithms: z.array(z.string()).min(1).default(["ssh-ed25519"]),
  /** Longest time for which a bootstrap token may be valid. */
  tokenMinutes: z.int().min(1).max(1440).default(60),
  /** Levels of the Pod Security Standards that a namespace may enforce. */
  podSecurityLevels: z
    .array(z.enum(["baseline", "restricted"]))
    .min(1)
    .default(["baseline", "restricted"]),
  /** Namespaces that need not enforce a level of the Pod Security Standards. */
  systemNamespaces: z.array(named).default([
    { name: "kube-system", why: "The control plane, kube-proxy and Calico run here, as kubeadm and Calico have it." },
    { name: "kube-public", why: "Kubernetes keeps the cluster's public address here; it has no pods." },
    { name: "kube-node-lease", why: "Kubernetes keeps the nodes' leases here; it has no pods." },
    { name: "calico-system", why: "Calico's operator installs the pod network here." },
    { name: "tigera-operator", why: "Calico's operator sets up the nodes' network." },
  ]),
  /** Workloads whose pods may do what level `baseline` of the Pod Security Standards forbids: each by its name. */
  privilegedWorkloads: z.array(workload).default([
    { namespace: "kube-system", kind: "DaemonSet", name: "calico-node", why: "It makes the pod network on its node." },
    {
      namespace: "calico-system",
      kind: "DaemonSet",
      name: "calico-node",
      why: "It makes the pod network on its node.",
    },
    {
      namespace: "calico-system",
      kind: "DaemonSet",
      name: "csi-node-driver",
      why: "Calico mounts its sockets in pods.",
    },
    {
      namespace: "tigera-operator",
      kind: "Deployment",
      name: "tigera-operator",
      why: "It sets up the nodes' network.",
    },
    { namespace: "kube-system", kind: "DaemonSet", name: "kube-proxy", why: "It writes the node's own service rules." },
  ]),
  /**
   * Roles that may be wide and bindings that may grant much: each by its kind and name, as a whole object. A patch of one is
   * judged all the same, since nobody sees what it adds to.
   */
  wideRoles: z
    .array(named.extend({ kind: z.enum(["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]) }))
    .default([
      {
        kind: "ClusterRole",
        name: "cluster-admin",
        why: "Kubernetes' own; who is bound to it is judged at the binding.",
      },
    ]),
  /** How much of the audit log must be kept at least: CIS Kubernetes Benchmark 1.2.17 to 1.2.19. */
  auditLog: z
    .strictObject({ days: z.int().min(1), files: z.int().min(1), megabytes: z.int().min(1) })
    .default({ days: 30, files: 10, megabytes: 100 }),
});

export type Hardening = z.infer<typeof parameters>;
