import { z } from "zod";
import { packParameters } from "../pack";

const named = z.strictObject({
  name: z.string(),
  /** Why, in a sentence. */
  why: z.string().min(10),
});

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
  /** Namespaces whose pods may do what level `baseline` of the Pod Security Standards forbids. */
  systemNamespaces: z.array(named).default([
    { name: "kube-system", why: "The control plane, kube-proxy and Calico run here, as kubeadm and Calico have it." },
    { name: "kube-public", why: "Kubernetes keeps the cluster's public address here; it has no pods." },
    { name: "kube-node-lease", why: "Kubernetes keeps the nodes' leases here; it has no pods." },
    { name: "calico-system", why: "Calico's operator installs the pod network here." },
    { name: "tigera-operator", why: "Calico's operator sets up the nodes' network." },
  ]),
  /** Roles that may contain wildcards, and bindings that may grant cluster-admin. */
  wideRoles: z.array(named).default([
    { name: "cluster-admin", why: "Kubernetes' own role; who is bound to it is judged at the binding." },
    { name: "kubeadm:cluster-admins", why: "kubeadm's own binding for the operators of the cluster." },
  ]),
  /** How much of the audit log must be kept at least: CIS Kubernetes Benchmark 1.2.17 to 1.2.19. */
  auditLog: z
    .strictObject({ days: z.int().min(1), files: z.int().min(1), megabytes: z.int().min(1) })
    .default({ days: 30, files: 10, megabytes: 100 }),
});

export type Hardening = z.infer<typeof parameters>;
