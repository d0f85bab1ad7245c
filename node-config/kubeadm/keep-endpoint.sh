#!/usr/bin/env bash
# Refuses another endpoint on a node that is in a cluster, before its /etc/hosts is written: its kubelet asks for the name
# that it joined with. Reads the endpoint that the settings ask for on stdin, as host:port.
set -euo pipefail
asked=$(cat)

# What init.sh and join.sh write when they are through; before, the node starts over with what the settings ask for.
if [[ ! -e /var/lib/kjerne/control-plane && ! -e /var/lib/kjerne/joined ]]; then exit 0; fi
# A control plane's kubelet asks its own API server; the administrator's configuration has the endpoint.
config=/etc/kubernetes/kubelet.conf
if [[ -e /etc/kubernetes/admin.conf ]]; then config=/etc/kubernetes/admin.conf; fi
found=$(awk '$1 == "server:" { sub("https://", "", $2); print $2 }' "$config")
if [[ $found != "$asked" ]]; then
  echo "the cluster is found at $found and the settings ask for $asked: every node that has joined asks for the former; put kubernetes.endpoint.host and port back (its address may change)" >&2
  exit 1
fi
