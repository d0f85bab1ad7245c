#!/usr/bin/env bash
# A node between a pod that opens TCP connections and a server, in namespaces: the node tracks what it forwards. First with
# the kernel's own settings, then with the files of kjerne's sysctl profile, which lie in `profile`. Connections are
# forgotten by both ends without a word, so that the node has to remember them all. JSON lines on descriptor 3.
set -euo pipefail
read -r load ports <load_and_ports

modprobe nf_conntrack
for name in pod server; do
  ip netns add "$name"
  ip -n "$name" link set lo up
  ip link add "$name" type veth peer name eth0 netns "$name"
  ip link set "$name" up
  ip -n "$name" link set eth0 up
done
ip address add 10.30.1.1/24 dev pod
ip address add 10.30.2.1/24 dev server
ip -n pod address add 10.30.1.2/24 dev eth0
ip -n server address add 10.30.2.2/24 dev eth0
ip -n pod route add default via 10.30.1.1
ip -n server route add default via 10.30.2.1
sysctl --quiet --write net.ipv4.ip_forward=1
ip netns exec pod sysctl --quiet --write net.ipv4.ip_local_port_range='1024 65535'

# Any rule that asks for the state of a connection makes the kernel track all of them.
nft add table ip node
nft add chain ip node forward '{ type filter hook forward priority 0; }'
nft add rule ip node forward ct state established accept

ip netns exec server ./flow accept 10.30.2.2 7000 "$ports" &
until ip netns exec server ss -Hltn "sport = $((7000 + ports - 1))" | grep -q .; do :; done

# Sums of all processors' counters, which are hexadecimal.
counted() { # field of /proc/net/stat/nf_conntrack
  local -i sum=0 column
  local value
  column=$(awk -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) print i }' /proc/net/stat/nf_conntrack)
  while read -r value; do sum+=$((16#$value)); done < <(awk -v at="$column" 'NR > 1 { print $at }' /proc/net/stat/nf_conntrack)
  echo "$sum"
}

measure() { # name, connections
  conntrack --flush 2>/dev/null
  local before early opened
  before=$(counted drop)
  early=$(counted early_drop)
  opened=$(ip netns exec pod ./flow open 10.30.2.2 7000 "$ports" "$2")
  jq -cnM --arg name "$1" --argjson wanted "$2" --argjson flows "$opened" --argjson max "$(sysctl -n net.netfilter.nf_conntrack_max)" \
    --argjson tracked "$(sysctl -n net.netfilter.nf_conntrack_count)" --argjson drops "$(($(counted drop) - before))" \
    --argjson early "$(($(counted early_drop) - early))" \
    '{name: $name, wanted: $wanted, max: $max, tracked: $tracked, drops: $drops, earlyDrops: $early} + $flows' >&3
}

measure "defaults, half" $(($(sysctl -n net.netfilter.nf_conntrack_max) / 2))
measure defaults "$load"
cp -r profile/. /
sysctl --quiet --load=/etc/sysctl.d/91-kjerne-base.conf
/usr/local/sbin/kjerne-sysctl-floors >/dev/null
measure profile "$load"
