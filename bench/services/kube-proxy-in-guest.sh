#!/usr/bin/env bash
# Runs kube-proxy in IPVS mode until it has $services Services in the kernel, and writes what it put there as one line of
# JSON on descriptor 3. The API server answers at the address of QEMU's own router, which leads to loopback of its host.
set -euo pipefail
read -r services <wanted

for module in virtio_net ip_vs ip_vs_rr dummy ip_set xt_set xt_ipvs nf_conntrack br_netfilter; do modprobe "$module"; done
card=$(ip -json link show | jq -r '[.[] | select(.link_type == "ether")][0].ifname')
ip link set "$card" up
ip address add 10.0.2.15/24 dev "$card"
ip route add default via 10.0.2.2

./kube-proxy --config kube-proxy.yaml 2>/tmp/kube-proxy.log &
proxy=$!
ended() {
  tail -n 30 /tmp/kube-proxy.log >/dev/console
  exit 1
}
# One Service more: the API server's own.
until (($(grep -c '^  -> [0-9A-F]' /proc/net/ip_vs || true) > services)); do
  kill -0 "$proxy" || ended
  read -r -t 1 _ <>/dev/ttyS0 || true
done
# Sets and rules come last.
until (($(ipset save KUBE-CLUSTER-IP 2>/dev/null | grep -c ^add || true) > services)) &&
  iptables-save -t nat | grep -q 'match-set KUBE-CLUSTER-IP'; do
  kill -0 "$proxy" || ended
  read -r -t 1 _ <>/dev/ttyS0 || true
done
# By files: of thousands of Services they are longer than an argument may be.
ipvsadm --save --numeric >/tmp/ipvs
ipset save >/tmp/sets
iptables-save >/tmp/iptables
ip -o -4 address show dev kube-ipvs0 | awk '{print "address add " $4 " dev kube-ipvs0"}' >/tmp/addresses
sysctl net.ipv4.vs | grep -v 'am_droprate\|secure_tcp' >/tmp/sysctls
jq -cnM --rawfile ipvs /tmp/ipvs --rawfile sets /tmp/sets --rawfile iptables /tmp/iptables \
  --rawfile addresses /tmp/addresses --rawfile sysctls /tmp/sysctls '$ARGS.named | map_values(rtrimstr("\n"))' >&3
