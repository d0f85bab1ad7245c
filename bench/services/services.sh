#!/usr/bin/env bash
# Counts what a new flow to a Service costs with the rules that kube-proxy had put into the kernel, which lie in
# rules/<mode>-<size>…: from the node itself and from a pod on it, over UDP and TCP, to the Services in `targets` (lines
# of size, position, protocol, address, endpoint). JSON lines on descriptor 3.
set -euo pipefail
read -r flows modes sizes <plan
export GODEBUG=asyncpreemptoff=1 # Go's signals would end a system call that waits, and be counted

for module in veth dummy ip_vs ip_vs_rr ip_set xt_set xt_ipvs nf_conntrack nf_tables; do modprobe "$module"; done
for name in pod other; do
  ip netns add "$name"
  ip -n "$name" link set lo up
  ip link add "$name" type veth peer name eth0 netns "$name"
  ip link set "$name" up
  ip -n "$name" link set eth0 up
done
# The pod as Calico connects it: its address alone, and the node answers for everything else.
ip -n pod address add 10.244.0.5/32 dev eth0
ip -n pod route add 169.254.1.1 dev eth0
ip -n pod route add default via 169.254.1.1
sysctl --quiet --write net.ipv4.conf.pod.proxy_arp=1 net.ipv4.neigh.pod.proxy_delay=0 net.ipv4.ip_forward=1 \
  net.netfilter.nf_conntrack_max=131072
ip route add 10.244.0.5 dev pod
ip address add 10.20.0.1/24 dev other
ip route add 10.244.0.0/16 via 10.20.0.2
ip route add default via 10.20.0.2 # or nobody answers for 169.254.1.1
ip -n other address add 10.20.0.2/24 dev eth0
ip -n other route add default via 10.20.0.1

while read -r _ _ _ _ endpoint; do
  ip -n other address add "$endpoint/32" dev lo
  for protocol in udp tcp; do
    ip netns exec other ./flow echo "$protocol" "$endpoint" 9000 &
    until ip netns exec other ss -Hln "--$protocol" "src $endpoint:9000" | grep -q .; do :; done
  done
done < <(sort -u -k 5,5 targets)

measure() { # mode, size, position, protocol, address, port
  local from
  for from in node pod; do
    conntrack --flush 2>/dev/null
    local command=(./flow cost "$4" "$5" "$6" "$flows")
    if [[ $from = pod ]]; then command=(ip netns exec pod "${command[@]}"); fi
    jq -cnM --arg mode "$1" --argjson size "$2" --arg position "$3" --arg protocol "$4" --arg from "$from" \
      --argjson instructions "$("${command[@]}")" \
      '{mode: $mode, size: $size, position: $position, protocol: $protocol, from: $from, instructions: $instructions}' >&3
  done
}

measure_targets() { # mode, size
  while read -r size position protocol address _; do
    if ((size == $2)); then measure "$1" "$2" "$position" "$protocol" "$address" 80; fi
  done <targets
}

load_ipvs() {
  ip link add kube-ipvs0 type dummy
  ip -batch "rules/ipvs-$1.addresses" >/dev/null
  ipset restore <"rules/ipvs-$1.sets"
  ipvsadm --restore <"rules/ipvs-$1.ipvs"
  sysctl --quiet --load="rules/ipvs-$1.sysctls"
  iptables-nft-restore <"rules/ipvs-$1.iptables"
}
unload_ipvs() {
  nft flush ruleset
  ipvsadm --clear
  ipset destroy
  ip link delete kube-ipvs0
}
load_nftables() { nft --file "rules/nftables-$1.rules"; }
unload_nftables() { nft flush ruleset; }
# Without the counter of invalid packets, an object that kube-proxy makes by netlink; no packet here is invalid.
load_iptables() { sed 's/ -m nfacct --nfacct-name  *[^ ]*//' "rules/iptables-$1.rules" | iptables-legacy-restore; }
unload_iptables() { printf '*%s\nCOMMIT\n' nat filter mangle | iptables-legacy-restore; }

direct() { # mode
  local protocol endpoint
  while read -r _ _ protocol _ endpoint; do measure "$1" 0 none "$protocol" "$endpoint" 9000; done < <(head -n 2 targets)
}

# What a machine does only after its start is not counted.
direct "direct, first" 3>/dev/null
direct direct
direct "direct again"
for mode in ${modes//,/ }; do
  for size in ${sizes//,/ }; do
    "load_$mode" "$size"
    measure_targets "$mode" "$size"
    "unload_$mode"
  done
done
