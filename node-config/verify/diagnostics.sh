#!/usr/bin/env bash
# Prints what explains a node that does not do what it should: its containers, routes, journal and, on a control plane,
# the cluster's events, nodes, pods and Calico's log. Changes nothing. A command that fails is printed with its status.
set -euo pipefail

show() {
  printf '\n=== %s\n' "$*"
  "$@" 2>&1 || echo "=== exit status $?"
}

show crictl pods
show crictl ps --all
show ip route show table all
show journalctl --boot --no-pager --output short-precise
if [[ -f /etc/kubernetes/admin.conf ]]; then
  export KUBECONFIG=/etc/kubernetes/admin.conf
  show kubectl get events --all-namespaces --sort-by .lastTimestamp
  show kubectl get nodes,pods --all-namespaces --output wide
  show kubectl logs --namespace kube-system --selector k8s-app=calico-node --container calico-node --tail 300 --prefix
fi
