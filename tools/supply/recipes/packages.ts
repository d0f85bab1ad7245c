import { join } from "node:path";
import { versions } from "../../../node-config/versions";
import type { DebRecipe } from "../deb";
import { added } from "./modules";

const program = (directory: string, name: string) => ({ [`/usr/bin/${name}`]: join(directory, name) });

/** The packages of one Kubernetes release; `programs` is the directory of its programs. */
export const kubernetesPackages = (version: string, programs: string): readonly DebRecipe[] => [
  {
    name: "kubeadm",
    version: `${version}-1`,
    description: "sets up and joins Kubernetes nodes",
    depends: ["cri-tools", `kubelet (>= ${version}-1)`],
    programs: program(programs, "kubeadm"),
  },
  {
    name: "kubelet",
    version: `${version}-1`,
    description: "the Kubernetes node agent, with the unit that kubeadm expects",
    depends: ["iptables", "kubernetes-cni", "mount", "util-linux"],
    programs: program(programs, "kubelet"),
  },
  {
    name: "kubectl",
    version: `${version}-1`,
    description: "command line of the Kubernetes API",
    programs: program(programs, "kubectl"),
  },
];

/** The programs that Debian's containernetworking-plugins keeps in /usr/lib/cni. */
const cniPlugins =
  "bandwidth bridge dhcp firewall host-device host-local ipvlan loopback macvlan portmap ptp sbr static tuning vlan vrf";

/** Packages that every Kubernetes release shares. */
export const commonPackages = (built: Record<"containerd" | "criTools" | "calico", string>): readonly DebRecipe[] => [
  {
    name: "containerd",
    version: `${versions.containerd}-1`,
    description: "container runtime",
    depends: ["runc"],
    programs: {
      ...program(built.containerd, "containerd"),
      ...program(built.containerd, "containerd-shim-runc-v2"),
      ...program(built.containerd, "ctr"),
    },
  },
  {
    name: "cri-tools",
    version: `${added.criTools}-1`,
    description: "crictl, the command line of the container runtime interface",
    programs: program(built.criTools, "crictl"),
  },
  {
    name: "calicoctl",
    version: `${added.calico}-1`,
    description: "command line of Calico",
    programs: program(built.calico, "calicoctl"),
  },
  {
    // The name that kubelet depends on upstream. Links, because containerd and Calico's installer look in /opt/cni/bin.
    name: "kubernetes-cni",
    version: "1.1.1-1",
    description: "Debian's CNI plugins where Kubernetes looks for them",
    depends: ["containernetworking-plugins"],
    links: Object.fromEntries(cniPlugins.split(" ").map((name) => [`/opt/cni/bin/${name}`, `/usr/lib/cni/${name}`])),
  },
];
