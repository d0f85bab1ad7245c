/** What a node has beyond Debian's minimal system, by why it is there. */
const wanted = [
  // A system that boots, is reached, and knows the time.
  ["linux-image-cloud-amd64", "systemd-sysv", "libpam-systemd", "dbus", "udev", "kmod", "zstd"],
  ["openssh-server", "sudo", "cloud-init", "netplan.io", "chrony", "ca-certificates", "iproute2", "procps", "less"],
  ["e2fsprogs", "xfsprogs", "cloud-guest-utils"],
  // Kubernetes, and what kubeadm, kubelet and kube-proxy call. kube-proxy brings its own ipset; ipvsadm is for looking.
  ["kubeadm", "kubelet", "kubectl", "containerd", "cri-tools", "kubernetes-cni", "runc"],
  ["conntrack", "ethtool", "iptables", "nftables", "ipset", "ipvsadm", "socat", "mount", "util-linux"],
  // What kjerne's own scripts call.
  ["jq", "python3", "python3-yaml", "fio", "curl"],
].flat();

/** The list as apt takes it, with the version of whatever the supply's index knows. */
export function nodePackages(index: Readonly<Record<string, string>>): string[] {
  return wanted.map((name) => (index[name] ? `${name}=${index[name]}` : name));
}
