#!/usr/bin/env bash
# Gives a node the mode of kube-proxy that the cluster has by now. Runs on that node, as its kubelet, which may delete pods of
# its own node alone. Reads
#   {"step": "prepare" | "change", "name", "mode": "nftables"}
# `prepare` only asks the kernel for what the mode needs. `change` is for a drained node: its Services are away for some
# seconds. Safe to run again.
set -euo pipefail
kubelet=${KUBECONFIG:-/etc/kubernetes/kubelet.conf}
request=$(cat)
of() { jq -r "$1" <<<"$request"; }
name=$(of .name)
mode=$(of .mode)

prepare() {
  case $mode in
    ipvs)
      modprobe --all ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh dummy ip_set xt_set xt_ipvs || {
        echo "$(uname -r) has not all modules that kube-proxy's mode ipvs needs; choose another kernel, or another kubernetes.proxy.mode" >&2
        exit 1
      }
      ;;
    nftables)
      # Checked by the kernel, and not put into effect.
      nft --check --file - <<<'table ip kjerne-asks { map m { type ipv4_addr . inet_proto . inet_service : verdict; }
        chain c { type nat hook prerouting priority dstnat; ip daddr . meta l4proto . th dport vmap @m; }
        chain s { numgen random mod 2 vmap { 0 : accept, 1 : drop }; }; }' || {
        echo "the kernel $(uname -r) does not take what kube-proxy's mode nftables needs (5.13 or later does); choose another kernel, or another kubernetes.proxy.mode" >&2
        exit 1
      }
      ;;
  esac
}

# Its pods here: name, mode, and whether it runs.
pods() {
  kubectl --kubeconfig "$kubelet" --namespace kube-system get pods --selector k8s-app=kube-proxy \
    --field-selector "spec.nodeName=$name" --output json | jq -r '.items[] |
      "\(.metadata.name) \(.metadata.annotations["kjerne.io/proxy-mode"]) \(any(.status.conditions[]?; .type == "Ready" and .status == "True"))"'
}

# Its own word, and when it was last through all Services: its health is good before the first time.
serves() {
  local metrics
  [[ $(curl --silent --max-time 5 127.0.0.1:10249/proxyMode) == "$mode" ]] || return 1
  metrics=$(curl --silent --max-time 5 127.0.0.1:10249/metrics)
  grep -qE '^kubeproxy_sync_proxy_rules_last_timestamp_seconds(\{ip_family="IPv4"\})? [1-9]' <<<"$metrics"
}

change() {
  local deadline=$((SECONDS + 600)) found pod is
  found=$(pods)
  while read -r pod is _; do
    if [[ -n $pod && $is != "$mode" ]]; then kubectl --kubeconfig "$kubelet" --namespace kube-system delete pod "$pod" --wait=false >&2; fi
  done <<<"$found"
  until [[ $(pods | cut -d ' ' -f 2-) == "$mode true" ]] && serves; do
    if ((SECONDS > deadline)); then
      echo "kube-proxy on $name did not serve in mode $mode within ten minutes; see: crictl logs \$(crictl ps --all --quiet --name 'kube-proxy|clean-up' | head -n 1)" >&2
      exit 1
    fi
    sleep 2
  done
  echo "kube-proxy on $name runs in mode $mode" >&2
}

case $(of .step) in
  prepare) prepare ;;
  change) change ;;
esac
