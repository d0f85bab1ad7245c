#!/usr/bin/env bash
# Calico's rules beside kube-proxy's while its mode changes: Felix in nftables mode panics when it meets IPVS. Sourced.
set -euo pipefail

# felix_before MODE: before kube-proxy leaves nftables, calico-node does, node by node; where it goes there, calico-node
# follows, by its own manifest. The field has another owner meanwhile, so that this one's next value finds no conflict.
felix_before() {
  local container=null found
  # An API server that does not answer ends the script: Felix must not be passed by.
  found=$(kubectl --namespace kube-system get daemonset calico-node --ignore-not-found --output name)
  [[ -n $found ]] || return 0
  if [[ $1 != nftables ]]; then
    container='[{"name": "calico-node", "env": [{"name": "FELIX_NFTABLESMODE", "value": "Disabled"}]}]'
  fi
  jq -nc --argjson containers "$container" '
    {apiVersion: "apps/v1", kind: "DaemonSet", metadata: {name: "calico-node", namespace: "kube-system"}} +
    if $containers then {spec: {template: {spec: {containers: $containers}}}} else {} end' |
    kubectl apply --server-side --force-conflicts --field-manager kjerne-proxy-mode --filename - >&2
  kubectl --namespace kube-system rollout status daemonset calico-node --timeout 30m >&2
}
