#!/usr/bin/env bash
# Prints what this node is and does right now, as JSON: {NAME: {status, stdout, stderr}}. It judges nothing and changes
# nothing; a command that fails is a reading too.
# Reads {"sysctls": [KEY...], "seconds": LENGTH OF THE CPU SAMPLE, "mtu", "others": ADDRESSES OF NODES THAT A PACKET OF
# THAT SIZE MUST REACH, "announced": WHETHER TO ASK WHAT ROUTERS ARE TOLD, "fullPackets": TEXT OF full-packets.py, WHICH SENDS IT}.
# Takes `reading` and `readings` from reading.sh.
set -euo pipefail

input=$(cat)
mapfile -t sysctls < <(jq -r '.sysctls[]' <<<"$input")
mapfile -t others < <(jq -r '.others[]' <<<"$input")

# BIRD's control socket talks in numbered lines; 0000 and above 8000 end an answer.
bird() {
  local line
  coproc SOCKET { socat - UNIX-CONNECT:/var/run/calico/bird.ctl; }
  echo "$*" >&"${SOCKET[1]}"
  while IFS= read -r line <&"${SOCKET[0]}"; do
    printf '%s\n' "$line"
    [[ $line =~ ^(0000|[89][0-9]{3})([^-]|$) ]] && return
  done
  return 1
}

# What each session with a router exports: its name, which has the address, and the routes.
announced() {
  local session
  for session in $(bird show protocols | grep -oE '(Global|Node)_[0-9]+(_[0-9]+){3}'); do
    echo "$session"
    bird show route export "$session"
  done
}

# kube-proxy's answer with its HTTP header: a node needs no curl.
proxy_mode() {
  printf 'GET /proxyMode HTTP/1.0\r\n\r\n' | socat -t 5 - TCP4:127.0.0.1:10249
}

# Only what is asked for: the whole configuration can hold the passwords of registries.
runtime() {
  local plugin
  plugin=$(jq -r '.plugins[0].type' /etc/cni/fabric.d/20-kjerne-fabric.conflist 2>/dev/null) || true
  crictl --runtime-endpoint unix:///run/containerd/containerd.sock info | jq --arg plugin "$plugin" '
    (.config.containerd | .runtimes[.defaultRuntimeName].options | {SystemdCgroup})
    + {fabric: .["lastCNILoadStatus.fabric"], fabricPlugin: $plugin}'
}

# The clock, and when each certificate of this node ends: PATH notAfter=TIME. Most kubeconfigs hold one, the kubelet's
# names a file.
certificates() {
  local file data
  end_of() { openssl x509 -noout -enddate -dateopt iso_8601; }
  date --utc '+%F %TZ'
  for file in /etc/kubernetes/pki/{,etcd/}*.crt /var/lib/kubelet/pki/*-current.pem; do
    [[ -e $file ]] || continue
    echo "$file $(end_of <"$file")"
  done
  for file in /etc/kubernetes/{,kjerne/}*.conf; do
    [[ -e $file ]] || continue
    data=$(sed -n 's/^ *client-certificate-data: //p' "$file")
    [[ -z $data ]] || echo "$file $(base64 -d <<<"$data" | end_of)"
  done
}

# Loaded ones, and those that the kernel has built in.
modules() {
  ls -1 /sys/module
  local builtin
  builtin=/lib/modules/$(uname -r)/modules.builtin
  if [[ -e $builtin ]]; then sed -E 's#.*/##; s/\.ko$//; s/-/_/g' "$builtin"; fi
}

# Size of a block in bytes, hexadecimal, and how many blocks the machine has: MemTotal is without what the kernel keeps.
memory_blocks() {
  cat /sys/devices/system/memory/block_size_bytes
  find /sys/devices/system/memory -maxdepth 1 -name 'memory[0-9]*' | wc -l
}

# Whether the kernel takes its clock for synchronised, as timedatectl says it: it gives up at an error of 16 s.
kernel_clock() {
  python3 -IS -c '
import ctypes
timex = (ctypes.c_long * 64)()
if ctypes.CDLL(None, use_errno=True).adjtimex(timex) < 0:
    raise OSError(ctypes.get_errno(), "adjtimex")
print("true" if timex[3] < 16_000_000 else "false")'
}

# Directories of volumes that are there: one is not while its file system is not mounted.
volumes() {
  local directory
  while read -r directory; do
    if [[ -d $directory ]]; then echo "$directory"; fi
  done </var/lib/kjerne/volumes
}

export -f memory_blocks volumes modules bird announced proxy_mode runtime certificates kernel_clock

everything() {
  reading clockBegan date +%s.%N
  reading cpuBefore grep '^cpu ' /proc/stat

  reading kernel uname -r
  reading bootId cat /proc/sys/kernel/random/boot_id
  reading uptime cat /proc/uptime
  reading hostname hostname
  reading cpus nproc --all
  reading memoryBlocks memory_blocks
  reading links ip -j -d address
  reading routes ip -j route show proto bird
  reading tunnelRoutes ip -j route show
  reading proxyMode proxy_mode
  reading ipvs ipvsadm -Sn
  reading modules modules
  reading sysctls sysctl -- "${sysctls[@]}"
  reading containerd runtime
  reading bird bird show protocols all
  if [[ $(jq .announced <<<"$input") == true ]]; then reading announced announced; fi
  reading cniConfig cat /etc/cni/net.d/10-calico.conflist
  reading cniMtu cat /var/lib/calico/mtu
  reading certificates certificates
  reading chrony chronyc -c tracking
  reading kernelClock kernel_clock
  reading etcdDisk cat /var/lib/kjerne/etcd-disk.json # of control planes
  reading backup cat /var/lib/kjerne/backup.json
  reading drill cat /var/lib/kjerne/rehearsed.json
  reading volumes volumes # of nodes that have any
  reading fullPackets python3 -IS -c "$(jq -r .fullPackets <<<"$input")" "$(jq .mtu <<<"$input")" "${others[@]}"

  sleep "$(jq .seconds <<<"$input")"
  reading cpuAfter grep '^cpu ' /proc/stat
  reading clockEnded date +%s.%N
}
readings everything
