/** What releases after bookworm have no more, or under another name. */
const onlyInBookworm = ["bird", "cpufrequtils", "dnsutils"];

/**
 * Packages of Debian in the repository, which has their dependencies too: enough to build a node's root file system and
 * the userland of images, and to examine a node that misbehaves.
 */
export function debianPackages(codename: string): string[] {
  return all.filter((name) => codename === "bookworm" || !onlyInBookworm.includes(name));
}

const all = [
  // A system that boots and can be reached.
  "linux-image-cloud-amd64 initramfs-tools busybox zstd kmod udev systemd systemd-sysv systemd-resolved libpam-systemd dbus",
  "openssh-server sudo cloud-init cloud-guest-utils gdisk netplan.io ifupdown isc-dhcp-client chrony ca-certificates",
  "usr-is-merged apt apt-utils gnupg debian-archive-keyring locales less vim-tiny bash-completion procps psmisc login passwd adduser",
  "e2fsprogs xfsprogs dosfstools parted fdisk lvm2 qemu-guest-agent acl apparmor apparmor-utils rsyslog logrotate",
  // What kubeadm, kubelet, containerd and kube-proxy call.
  "runc containernetworking-plugins ipset ipvsadm conntrack socat ethtool ebtables nftables iptables iproute2 mount",
  "util-linux bridge-utils nfs-common open-iscsi",
  // What scripts, verification and measurements call.
  "keepalived age rclone nodejs jq python3 python3-yaml fio nvme-cli iperf3 tcpdump curl wget rsync netcat-openbsd dnsutils iputils-ping iputils-arping",
  "traceroute mtr-tiny sysstat htop strace lsof pciutils numactl cpufrequtils linux-perf hwloc-nox rt-tests bpftool",
  // The calico/node image: BGP daemon and process supervisor.
  "bird runit bash coreutils sed grep",
  // For those who build: the repository is enough to make another root from.
  "mmdebstrap debootstrap",
].flatMap((line) => line.split(" "));
