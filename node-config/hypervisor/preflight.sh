#!/usr/bin/env bash
# Whether this hypervisor can carry what is asked of it. Collects everything that stands in the way, then refuses with
# all of it at once. Changes nothing but the memory of the probe guest in /var/lib/kjerne/probe.
#
# stdin: {"name", "commands": ["PACKAGE: COMMAND…"], "pool": {"path", "medium"}, "bridge", "mtu", "fabricBridge", "fabricMtu", "emulation", "sources", "authorities": PEM,
#         "asked": [{"name", "memoryMiB", "diskGiB", "pinnedCpus": []}], "reservedMemoryMiB", "maximumStealPercent", "synchronisedClock"}
# stdout: what was seen, as JSON.
set -euo pipefail

wanted=$(cat)
source hypervisor/probe.sh

problems=()
problem() { problems+=("$1"); }
# Ends here where something stands in the way.
refuse() {
  ((${#problems[@]} > 0)) || return 0
  printf 'hypervisor %s needs %d change(s):\n' "$name" "${#problems[@]}" >&2
  printf '  %s\n' "${problems[@]}" >&2
  exit 1
}

commands() {
  local package commands command
  while IFS=: read -r package commands; do
    for command in $commands; do
      command -v "$command" >/dev/null || problem "command $command is missing; install Debian's package that has it ($package)"
    done
  done < <(of ".commands[]")
}

of() { jq -r "$1" <<<"$wanted"; }

# The directory may not be there yet: its file system is that of the nearest parent.
existing() {
  local path=$1
  until [[ -d $path ]]; do path=$(dirname "$path"); done
  echo "$path"
}

pool_disks() {
  local source
  source=$(findmnt --noheadings --output SOURCE --target "$(existing "$pool")")
  # "/dev/sda1[/sub]" is a bind mount or subvolume of /dev/sda1; the last rows of --inverse are the disks below it.
  source=${source%%[*}
  [[ -b $source ]] || { echo '[]'; return; }
  lsblk --inverse --json --output NAME,TYPE,TRAN,ROTA "$source" |
    jq -c '[.. | objects | select(.type == "disk") | {name, transport: (.tran // "none"), rotational: .rota}] | unique'
}

check_pool() {
  disks=$(pool_disks)
  if [[ $(of .pool.medium) = nvme ]]; then
    local other
    other=$(jq -r '[.[] | select(.transport != "nvme" or .rotational) | "\(.name) (\(.transport))"] | join(", ")' <<<"$disks")
    if [[ $disks = '[]' ]]; then
      problem "pool $pool lies on $(findmnt -no SOURCE,FSTYPE --target "$(existing "$pool")"), which is no disk; etcd needs NVMe: choose a pool.path on an NVMe file system"
    elif [[ -n $other ]]; then
      problem "pool $pool lies on $other; etcd needs NVMe: choose a pool.path on an NVMe file system, or declare medium: emulated in a lab"
    fi
  fi
  # What the nodes already hold counts as theirs.
  local asked held=0 node
  asked=$(of '[.asked[].diskGiB] | add // 0')
  poolFreeGiB=$(df --output=avail --block-size=1G "$(existing "$pool")" | tail -n 1)
  for node in $(of '.asked[].name'); do
    [[ -d $pool/$node ]] && held=$((held + $(du --summarize --block-size=1M "$pool/$node" | cut -f 1)))
  done
  ((asked <= poolFreeGiB + held / 1024)) ||
    problem "pool $pool has $((poolFreeGiB)) GiB free and its nodes hold $((held / 1024)); they ask for $asked in all: free space, or ask for smaller disks"
}

check_memory() {
  local asked held=0 domain
  asked=$(of '[.asked[].memoryMiB] | add // 0')
  memoryAvailableMiB=$(awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo)
  # Nodes that run are known by their disks.
  while read -r domain; do
    virsh domblklist "$domain" | grep -qF -f <(of '.asked[].name' | sed "s#.*#$pool/&/#") || continue
    held=$((held + $(virsh dommemstat "$domain" | awk '$1 == "rss" {print int($2 / 1024)}')))
  done < <(virsh list --name | grep .)
  ((asked + $(of .reservedMemoryMiB) <= memoryAvailableMiB + held)) ||
    problem "memory: $memoryAvailableMiB MiB are available and the nodes hold $held; they ask for $asked and $(of .reservedMemoryMiB) stay with the hypervisor: ask for less, or move a node"
}

check_cpus() {
  local found
  found=$(jq -r --argjson cpus "$(nproc --all)" '[.asked[] | select(any(.pinnedCpus[]?; . >= $cpus)) | .name] | join(", ")' <<<"$wanted")
  [[ -z $found ]] || problem "CPUs: this machine has CPU 0 to $(($(nproc --all) - 1)), and $found pins others; set pinnedCpus to CPUs that lscpu --extended shows"
}

# look_at_bridge NAME MTU SETTING WHERE: what the bridge must carry, the setting that says so, and what is joined by it.
look_at_bridge() {
  local bridge=$1 mtu=$2 found
  if [[ ! -d /sys/class/net/$bridge/bridge ]]; then
    problem "bridge $bridge does not exist; make it (with the uplink to $4 as a port) before kjerne uses it" && return
  fi
  found=$(<"/sys/class/net/$bridge/mtu")
  ((found >= mtu)) ||
    problem "bridge $bridge carries packets of $found bytes and $3 is $mtu, so that larger ones are lost; raise it there and on the switch (ip link set dev <port> mtu $mtu, and dev $bridge), or set $3: $found"
  local ports
  [[ $(<"/sys/class/net/$bridge/operstate") != down ]] || problem "bridge $bridge is down; bring it up with a port that has a carrier"
  ports=$(bridge -json -details link show | jq -c --arg bridge "$bridge" '[.[] | select(.master == $bridge)]')
  found=$(jq -r '[.[] | select(.isolated or .locked) | .ifname] | join(", ")' <<<"$ports")
  [[ -z $found ]] || problem "bridge $bridge: ports $found are isolated or locked, so nodes don't reach each other's pods; bridge link set dev <port> isolated off locked off"
  found=$(virsh nwfilter-binding-list | awk 'NR > 2 && NF {print $1}' | grep -Fx -f <(jq -r '.[].ifname' <<<"$ports") | paste -sd ' ' || test $? = 1)
  [[ -z $found ]] || problem "bridge $bridge: libvirt filters the ports $found (nwfilter), which drops addresses of pods; use a bridge without filtered guests"
  if command -v nft >/dev/null; then
    found=$(nft --json list ruleset | jq -r '[.nftables[] | .rule? // .chain? // empty | select(.family == "bridge" or .family == "netdev") | select(.policy == "drop" or any(.expr[]?; has("drop") or has("reject"))) | "\(.family) \(.table)"] | unique | join(", ")')
    [[ -z $found ]] || problem "bridge $bridge: the packet filter drops frames in nft tables $found (ebtables shows there too); pod addresses must pass: nft delete table, or allow the pod network"
  fi
}

check_bridge() {
  bridgeMtu=0
  look_at_bridge "$bridge" "$mtu" network.mtu "the nodes' network"
  if [[ -e /sys/class/net/$bridge/mtu ]]; then bridgeMtu=$(<"/sys/class/net/$bridge/mtu"); fi
  if [[ -n $fabricBridge ]]; then look_at_bridge "$fabricBridge" "$fabricMtu" network.fabric.mtu "the fabric"; fi
}

# The kernel's own view, which timedatectl shows as NTPSynchronized; it needs no service to ask.
check_clock() {
  clockSynchronised=$(python3 -IS -c '
import ctypes
timex = (ctypes.c_long * 64)()
ctypes.CDLL(None, use_errno=True).adjtimex(timex)
print("true" if timex[3] < 16_000_000 else "false")  # maxerror in microseconds: 16 s is where the kernel gives up')
  [[ $clockSynchronised = true || $(of .synchronisedClock) = false ]] ||
    problem "clock: the kernel says that it is not synchronised; certificates and etcd need it to be: install and start chrony, then chronyc waitsync"
}

check_steal() {
  local before after total=0 i
  # cpu user nice system idle iowait irq softirq steal
  read -ra before </proc/stat
  sleep 2 # the length of the sample
  read -ra after </proc/stat
  for i in {1..8}; do total=$((total + after[i] - before[i])); done
  stealPercent=$(((after[8] - before[8]) * 100 / (total > 0 ? total : 1)))
  ((stealPercent <= $(of .maximumStealPercent))) ||
    problem "steal: others took $stealPercent % of this machine's CPU time in a sample of 2 s; the limit is $(of .maximumStealPercent) %: use a dedicated machine, or raise maximumStealPercent and expect jitter"
}

command -v jq >/dev/null || { echo "hypervisor: command jq is missing; install Debian's package jq" >&2; exit 1; }
name=$(of .name) pool=$(of .pool.path) bridge=$(of .bridge) mtu=$(of '.mtu // 0') fabricBridge=$(of '.fabricBridge // ""') fabricMtu=$(of '.fabricMtu // 0')
commands
refuse # what the looking itself needs comes first
libvirt=$(virsh version 2>&1) || problem "libvirt does not answer ($(tail -n 1 <<<"$libvirt")); start libvirtd: systemctl enable --now libvirtd"
refuse
for check in pool memory cpus bridge clock steal virtualisation; do "check_$check"; done
refuse
jq -c --argjson poolDisks "$disks" --argjson poolFreeGiB "$((poolFreeGiB))" --argjson stealPercent "$stealPercent" --argjson cpus "$(nproc)" \
  --argjson memoryAvailableMiB "$memoryAvailableMiB" --argjson bridgeMtu "$bridgeMtu" --argjson clockSynchronised "$clockSynchronised" \
  '. + $ARGS.named' "$remembered"
