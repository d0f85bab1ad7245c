#!/usr/bin/env bash
# Whether a machine that kjerne did not make can become a node. Collects everything that stands in the way, then refuses
# with all of it at once. Runs as the login user and changes nothing.
#
# stdin: {"cluster", "name", "role", "address", "autodetection", "mtu", "container", "untestedRelease", "modules": [],
#         "places": [], "maximumStealPercent"}, and {"fabricInterface", "fabricMtu", "fabricKind"} of a machine with a card on the fabric
# stdout: what was seen, as JSON.
# shellcheck disable=SC2154  # variables that the input names
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
source machine/preflight-network.sh

problems=()
problem() { problems+=("$1"); }
refuse() {
  ((${#problems[@]} > 0)) || return 0
  printf 'machine %s needs %d change(s):\n' "$1" "${#problems[@]}" >&2
  printf '  %s\n' "${problems[@]}" >&2
  exit 1
}

# Each key of the input as a variable, each list as an array.
input=$(cat)
command -v python3 >/dev/null || problem "command python3 is missing, with which kjerne writes files; apt-get install python3, then the rest is looked at"
refuse "$(hostname)"
eval "$(python3 -I -c '
import json, shlex, sys
word = lambda value: shlex.quote(str(value).lower() if isinstance(value, bool) else str(value))
for key, value in json.load(sys.stdin).items():
    print(key + "=" + ("(" + " ".join(map(word, value)) + ")" if isinstance(value, list) else word(value)))' <<<"$input")"

# What an earlier run of this cluster left is no obstacle.
mark=/var/lib/kjerne/machine/cluster
owner=""
node=$name
if [[ -e $mark ]]; then owner=$(<"$mark"); fi
if [[ -e ${mark%/*}/node ]]; then node=$(<"${mark%/*}/node"); fi

check_login() {
  [[ $(id -u) = 0 ]] || sudo -n true 2>/dev/null ||
    problem "sudo: user $(id -un) needs a password; kjerne runs commands without one: '$(id -un) ALL=(ALL) NOPASSWD:ALL' in /etc/sudoers.d, or set machine.user to one that may"
}

check_owner() {
  [[ -z $owner || $owner = "$cluster" ]] ||
    problem "another cluster: $mark says that this machine is a node of $owner; remove it there first (pulumi up without it)"
  [[ $node = "$name" ]] ||
    problem "another node: this machine is $node of the cluster; take $node out of kjerne:nodes, pulumi up, then add $name"
}

check_release() {
  local id version
  # shellcheck source=/dev/null
  { id=$(. /etc/os-release && echo "${ID:-unknown}") version=$(. /etc/os-release && echo "${VERSION_ID:-unknown}"); }
  [[ $id = debian && $version =~ ^1[23]$ ]] || [[ $untestedRelease = true ]] ||
    problem "release: this is $id $version; kjerne takes Debian 12 and 13: install one of them, or set machine.untestedRelease: true"
  [[ $(uname -m) = x86_64 ]] || problem "architecture: this is $(uname -m); packages and images are for x86_64: use such a machine"
  [[ $(ps -o comm= -p 1) = systemd ]] || problem "init: process 1 is $(ps -o comm= -p 1); containerd and kubelet are units of systemd: boot with it"
  local command
  for command in apt-get dpkg-query ip ss systemctl modprobe flock; do
    command -v "$command" >/dev/null || problem "command $command is missing; install Debian's package that has it"
  done
}

check_name() {
  found=$(hostname)
  [[ $found = "$name" ]] ||
    problem "name: this machine calls itself $found and the settings call the node $name; name the node $found, or: hostnamectl set-hostname $name"
}

check_kind() {
  kind=$(systemd-detect-virt || true)
  if systemd-detect-virt --quiet --container; then
    [[ $container = true ]] ||
      problem "kind: this is a container ($kind), which shares its host's kernel; use a KVM instance or bare metal, or set machine.container: true and lose what the kernel gives"
    return
  fi
  [[ $container = false ]] || problem "kind: machine.container is true and this is no container ($kind); leave it out"
  case $kind in
    none | kvm | amazon) ;;
    qemu) problem "kind: QEMU emulates this machine's processors, which is many times slower; use one with KVM" ;;
    *) problem "kind: this machine runs under $kind, and kjerne was seen working on KVM and bare metal; use one of these" ;;
  esac
  [[ $(stat --file-system --format %T /sys/fs/cgroup) = cgroup2fs ]] ||
    problem "cgroups: this machine has version 1, which kubelet refuses; boot without systemd.unified_cgroup_hierarchy=0"
}

check_size() {
  cpus=$(nproc) memoryMiB=$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
  local least=1024
  if [[ $role = control-plane ]]; then
    least=1700 # kubeadm's, in MB; the rule below is a little stricter
    ((cpus >= 2)) || problem "CPUs: $cpus; kubeadm wants 2 for a control plane"
  fi
  ((memoryMiB >= least)) || problem "memory: $memoryMiB MiB; a $role needs $least"
  freeGiB=$(df --output=avail --block-size=1G /var/lib | tail -n 1)
  # Packages and images take about 3 GiB; kubelet evicts pods when less than a tenth is free.
  [[ $owner = "$cluster" ]] || ((freeGiB >= 6)) || problem "disk: $((freeGiB)) GiB are free where /var/lib lies; a node needs 6 for packages and images alone: free space, or use a larger disk"
}

check_steal() {
  local before after total=0 i
  read -ra before </proc/stat
  sleep 1 # the length of the sample
  read -ra after </proc/stat
  for i in {1..8}; do total=$((total + after[i] - before[i])); done
  stealPercent=$(((after[8] - before[8]) * 100 / (total > 0 ? total : 1)))
  ((stealPercent <= maximumStealPercent)) ||
    problem "steal: the host took $stealPercent % of this machine's CPU time in a sample of 1 s; the limit is $maximumStealPercent %: ask the provider for dedicated CPUs"
}

# The kernel's own view, which timedatectl shows as NTPSynchronized. A container has its host's clock.
check_clock() {
  [[ $container = false ]] || return 0
  python3 -IS -c '
import ctypes, sys
timex = (ctypes.c_long * 64)()
ctypes.CDLL(None, use_errno=True).adjtimex(timex)
sys.exit(timex[3] >= 16_000_000)  # maxerror in microseconds: 16 s is where the kernel gives up' ||
    problem "clock: the kernel says that it is not synchronised; certificates and etcd need it to be: install chrony or systemd-timesyncd and give it a server"
}

check_swap() {
  [[ $(wc -l </proc/swaps) -le 1 ]] ||
    problem "swap: $(awk 'NR > 1 {print $1}' /proc/swaps | paste -sd ' ') is in use and kubelet refuses it; swapoff -a, and remove it from /etc/fstab"
}

check_modules() {
  local module absent=()
  for module in "${modules[@]}"; do modprobe --dry-run --quiet "$module" || absent+=("$module"); done
  ((${#absent[@]} > 0)) || return 0
  local way="install a kernel that has them"
  # Ubuntu's flavour for guests leaves IPVS out, https://packages.ubuntu.com/linux-kvm.
  if [[ $(uname -r) = *-kvm ]]; then way="this is linux-kvm, which leaves modules out: install linux-generic and reboot"; fi
  if [[ " ${absent[*]} " = *" ip_vs "* ]]; then way+=", or set kubernetes.proxy.mode to one without IPVS"; fi
  problem "kernel modules: $(uname -r) has no ${absent[*]}; $way"
}

check_others() {
  [[ $owner != "$cluster" ]] || return 0
  local place found=() command
  for place in "${places[@]}"; do
    if [[ -n $(ls -A "$place" 2>/dev/null) ]]; then found+=("$place"); fi
  done
  for command in dockerd containerd crio podman kubelet k3s k0s rke2 microk8s; do
    if command -v "$command" >/dev/null; then found+=("$(command -v "$command")"); fi
  done
  ((${#found[@]} == 0)) || problem "another runtime or Kubernetes: ${found[*]} is there; kjerne doesn't touch what it didn't put there: remove it, or use another machine"
}

check_ports() {
  [[ $owner != "$cluster" ]] || return 0
  local port taken=() wanted=(179 10248 10249 10250 10256)
  if [[ $role = control-plane ]]; then wanted+=(2379 2380 2381 6443 10257 10259); fi
  for port in "${wanted[@]}"; do
    if [[ -n $(ss --no-header --listening --tcp --numeric "sport = :$port") ]]; then taken+=("$port"); fi
  done
  ((${#taken[@]} == 0)) || problem "ports: ${taken[*]} are taken, which Kubernetes or Calico need; ss -ltnp shows by whom: stop it"
}

for check in login owner release name kind size steal clock swap modules others ports network fabric; do "check_$check"; done
refuse "$name"
printf '{"kind":"%s","kernel":"%s","cpus":%d,"memoryMiB":%d,"freeGiB":%d}\n' "$kind" "$(uname -r)" "$cpus" "$memoryMiB" "$((freeGiB))"
