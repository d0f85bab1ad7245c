#!/usr/bin/env bash
# What explains a node that does not do what it should: its journal, its containers and, on a control plane, the
# cluster's events. Reads only, and goes on where something cannot be read.
set -uo pipefail

title() { printf '\n=== %s\n' "$*"; }

title pods and containers
crictl pods
crictl ps --all
title routes
ip route show table all
title journal of this boot
journalctl --boot --no-pager --output short-precise
[[ -f /etc/kubernetes/admin.conf ]] || exit 0

export KUBECONFIG=/etc/kubernetes/admin.conf
title events
kubectl get events --all-namespaces --sort-by .lastTimestamp
title nodes and pods
kubectl get nodes,pods --all-namespaces --output wide
title "calico-node's own words"
kubectl logs --namespace kube-system --selector k8s-app=calico-node --container calico-node --tail 300 --prefix
