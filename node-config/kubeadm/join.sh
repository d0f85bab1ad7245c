#!/usr/bin/env bash
# Joins this node to the cluster, once. Reads the JoinConfiguration, which holds a token, on stdin. Safe to run again: a
# join that was cut off starts over; a node that has joined stays as it is, but for a control plane, which takes over what
# changed in its configuration, and for one whose Node somebody deleted, which registers again.
set -euo pipefail
umask 077
source kubeadm/joining.sh
made=()

if [[ -e /var/lib/kjerne/joined || -e /var/lib/kjerne/control-plane ]]; then # it has a cluster
  cat >/dev/null
  kjerne-register-again
else
  join_cluster
  made=(--made)
fi
if [[ -e /etc/kubernetes/admin.conf ]]; then # a control plane
  rm -f /var/lib/kjerne/kube-proxy.json # of the time when this one was the first: another one looks after kube-proxy now
  kjerne-configure-control-plane "${made[@]}"
  systemctl enable --now kjerne-csr-approver >&2
fi
echo joined
