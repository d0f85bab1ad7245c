#!/usr/bin/env bash
# Joins this node to the cluster, once. Reads the JoinConfiguration, which holds a token, on stdin. Safe to run again: a
# join that was cut off starts over; a node that has joined stays as it is, but for a control plane, which takes over what
# changed in its configuration.
set -euo pipefail
umask 077
joined=/var/lib/kjerne/joined
made=()

if [[ ! -e $joined ]]; then
  if [[ -e /etc/kubernetes/kubelet.conf || -e /etc/kubernetes/bootstrap-kubelet.conf ]]; then
    kubeadm reset --force >&2
  fi
  config=$(mktemp)
  trap 'rm -f "$config"' EXIT
  cat >"$config"
  if grep -q '^controlPlane:' "$config"; then
    chmod 0700 /var/lib/etcd # its disk comes with 0755; etcd warns, CIS 1.1.11 asks for it
  fi
  mkdir -p /etc/kubernetes/manifests # where there is none, kubelet says so every second
  systemctl enable kubelet >&2
  kubeadm join --config "$config" >&2
  mkdir -p "$(dirname "$joined")"
  touch "$joined"
  made=(--made)
fi
if [[ -e /etc/kubernetes/admin.conf ]]; then # a control plane
  kjerne-configure-control-plane "${made[@]}"
  systemctl enable --now kjerne-csr-approver >&2
fi
echo joined
