#!/usr/bin/env bash
# Runs kube-proxy in each mode of `modes` in one kernel, one after the other, as a node does that goes over; asks Services of
# it, from the node, from a pod on it and from outside, and looks at what is left of the mode before. The API server answers at
# the address of QEMU's own router, which leads to loopback of its host. JSON lines on descriptor 3.
set -euo pipefail
read -ra modes <modes

for module in virtio_net veth dummy ip_vs ip_vs_rr ip_set xt_set xt_ipvs nf_conntrack nf_tables br_netfilter; do modprobe "$module"; done
card=$(ip -json link show | jq -r '[.[] | select(.link_type == "ether")][0].ifname')
ip link set "$card" up
ip address add 10.0.2.15/24 dev "$card"
ip route add default via 10.0.2.2
sysctl --quiet --write net.ipv4.ip_forward=1

# connect NAME: a network namespace behind a link of the same name.
connect() {
  ip netns add "$1"
  ip -n "$1" link set lo up
  ip link add "$1" type veth peer name eth0 netns "$1"
  ip link set "$1" up
  ip -n "$1" link set eth0 up
}
# pod NAME ADDRESS: as Calico connects it: its address alone, and the node answers for everything else.
pod() {
  connect "$1"
  ip -n "$1" address add "$2/32" dev eth0
  ip -n "$1" route add 169.254.1.1 dev eth0
  ip -n "$1" route add default via 169.254.1.1
  sysctl --quiet --write "net.ipv4.conf.$1.proxy_arp=1"
  ip route add "$2" dev "$1"
}
# serve NAMESPACE ADDRESS: a server there that tells its name, over TCP and UDP.
serve() {
  ip netns exec "$1" unshare --uts bash -c "hostname $2; exec ./agnhost netexec --http-port 8080 --udp-port 8080 --udp-listen-addresses $2" >/dev/null 2>&1 &
  until ip netns exec "$1" ss -Hltn 'sport = 8080' | grep -q .; do read -r -t 0.2 _ <>/dev/ttyS0 || true; done
}
pod here 10.244.0.5
pod asks 10.244.0.6
connect outside
ip address add 10.20.0.1/24 dev outside
ip -n outside address add 10.20.0.2/24 dev eth0
ip -n outside route add default via 10.20.0.1
connect another
ip address add 10.21.0.1/24 dev another
ip -n another address add 10.21.0.2/24 dev eth0
ip -n another address add 10.244.1.11/32 dev lo
ip -n another route add default via 10.21.0.1
ip route add 10.244.1.0/24 via 10.21.0.2
serve here 10.244.0.5
serve another 10.244.1.11

# ask PROTOCOL ADDRESS PORT QUESTION: puts the answer into `line`, and says whether there was one.
ask() {
  { exec 4<>"/dev/$1/$2/$3"; } 2>/dev/null || return 1
  if [[ $1 == tcp ]]; then
    printf 'GET /%s HTTP/1.0\r\n\r\n' "$4" >&4
    line=
    all=
    while IFS= read -r next <&4 || [[ -n $next ]]; do
      line=${next:-$line}
      all+=$next$'\n'
    done
  else
    printf %s "$4" >&4
    line=$(dd bs=100 count=1 status=none <&4 2>/dev/null)
  fi
  exec 4>&-
  [[ -n $line ]]
}
# tries PROTOCOL ADDRESS PORT: each answer of so many that every pod is among them: who it is, and whom it sees.
tries() {
  local question
  for question in hostname clientip; do
    for _ in {1..16}; do
      ask "$@" "$question" || return
      echo "$question ${line%:*}"
    done
  done
}
asked() { # FROM PROTOCOL ADDRESS PORT
  local in=() functions
  if [[ $1 != node ]]; then in=(ip netns exec "$1"); fi
  functions=$(declare -f ask tries)
  {
    timeout 3 "${in[@]}" bash -c "$functions; ask \"\$@\" hostname" ask "${@:2}" && code=0 || code=$?
    case $code in
      0) timeout 60 "${in[@]}" bash -c "$functions; tries \"\$@\"" tries "${@:2}" || echo "not always" ;;
      124) echo silence ;;
      *) echo refused ;;
    esac
  } | sort -u | jq -cRnM '[inputs]'
}

# metric NAME: of kube-proxy for IPv4, where it is not zero.
metric() {
  ask tcp 127.0.0.1 10249 metrics
  [[ $all =~ kubeproxy_$1\{ip_family=\"IPv4\"\}\ ([1-9][^[:space:]]*) ]] && echo "${BASH_REMATCH[1]}"
}
kube_proxy() { # MODE
  ./kube-proxy --config "kube-proxy-$1.yaml" 2>/tmp/kube-proxy.log &
  proxy=$!
  until ask tcp 127.0.0.1 10249 proxyMode && [[ $line == "$1" ]] && metric sync_proxy_rules_last_timestamp_seconds >/dev/null; do
    if ! kill -0 "$proxy"; then
      tail -n 30 /tmp/kube-proxy.log >/dev/console
      exit 1
    fi
    read -r -t 1 _ <>/dev/ttyS0 || true
  done
}

left() {
  jq -cnM --arg sets "$(ipset list -name)" --arg servers "$(ipvsadm --save --numeric)" --arg links "$(ip -brief link)" \
    --arg iptables "$(iptables-save)" --arg nftables "$(nft list tables)" '{
      ipvs: ($servers != "" or ($links | contains("kube-ipvs0")) or ($sets | test("KUBE-(?!6-)"))), # it forgets empty sets for IPv6
      iptables: ($iptables | test("\n:KUBE-(SVC|SEP|SERVICES|IPVS|LOAD|MARK|NODE-PORT|POSTROUTING)")),
      nftables: ($nftables | contains("kube-proxy"))
    }'
}

for mode in "${modes[@]}"; do
  ./kube-proxy --cleanup 2>/tmp/cleanup.log || cat /tmp/cleanup.log >/dev/console
  jq -cnM --arg mode "$mode" --argjson left "$(left)" '{before: $mode, left: $left}' >&3
  kube_proxy "$mode"
  while read -r from name protocol address port; do
    jq -cnM --arg mode "$mode" --arg from "$from" --arg service "$name" --argjson answers "$(asked "$from" "$protocol" "$address" "$port")" \
      '{mode: $mode, from: $from, service: $service, answers: $answers}' >&3
  done <services
  kill "$proxy"
  wait "$proxy" || true
done
