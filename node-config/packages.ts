/** Debian packages of a node beyond the minimal system, grouped by why they are there. */
const wanted = [
  // A system that boots, answers SSH and keeps its clock synchronised.
  ["linux-image-cloud-amd64", "systemd-sysv", "libpam-systemd", "dbus", "udev", "kmod", "zstd"],
  ["openssh-server", "sudo", "cloud-init", "netplan.io", "chrony", "ca-certificates", "iproute2", "procps", "less"],
  ["e2fsprogs", "xfsprogs", "cloud-guest-utils"],
  // Kubernetes, and what kubeadm, kubelet and kube-proxy call. kube-proxy has its own ipset; ipvsadm is for operators.
  ["kubeadm", "kubelet", "kubectl", "containerd", "cri-tools", "kubernetes-cni", "runc"],
  ["conntrack", "ethtool", "iptables", "nftables", "ipset", "ipvsadm", "socat", "mount", "util-linux"],
  // What kjerne's own scripts call.
  ["jq", "python3", "python3-yaml", "fio", "curl"],
].flat();

/** The packages as apt takes them: with the version of the supply's index, `kubelet=1.36.3-1`, or the name alone. */
export function nodePackages(index: Readonly<Record<string, string>>): string[] {
  return wanted.map((name) => (index[name] ? `${name}=${index[name]}` : name));
}
