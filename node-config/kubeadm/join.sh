#!/usr/bin/env bash
# Joins this node to the cluster, once. Reads the JoinConfiguration, which holds a token, on stdin. Safe to run again: a
# join that was cut off starts over; a node that has joined stays as it is, but for a control plane, which takes over what
# changed in its configuration, and for one whose Node somebody deleted, which registers again. Whatever it did not begin
# itself it never resets: data of a cluster stop it.
set -euo pipefail
umask 077
joined=/var/lib/kjerne/joined
began=/var/lib/kjerne/join-began
# What init.sh leaves where it was cut off: nobody can have joined that cluster.
init_began=/var/lib/kjerne/init-began
made=()

refuse_other() {
  if compgen -G '/var/lib/etcd/member/*' >/dev/null || [[ -e /etc/kubernetes/kubelet.conf || -e /etc/kubernetes/manifests/etcd.yaml ]]; then
    echo "$(hostname) must join, and it has data of a cluster (/var/lib/etcd, /etc/kubernetes) that this script did not begin. Nothing was changed. Where they are of no use any more: kubeadm reset on this machine, and run again; otherwise put back the settings that it had" >&2
    exit 1
  fi
}

if [[ -e $joined || -e /var/lib/kjerne/control-plane ]]; then # it has a cluster
  cat >/dev/null
  kjerne-register-again
else
  config=$(mktemp /run/kjerne-XXXXXX)
  trap 'rm -f "$config"' EXIT
  cat >"$config"
  kubeadm config validate --config "$config" >&2
  if [[ -e $began || -e $init_began ]]; then
    kubeadm reset --force >&2
    touch "$began"
    rm -f "$init_began"
  else
    refuse_other
    mkdir -p "$(dirname "$began")"
    touch "$began"
  fi
  if grep -q '^controlPlane:' "$config"; then
    kjerne-etcd-disk >&2
    chmod 0700 /var/lib/etcd # its disk comes with 0755; etcd warns, CIS 1.1.11 asks for it
  fi
  mkdir -p /etc/kubernetes/manifests # where there is none, kubelet says so every second
  systemctl enable kubelet >&2
  kubeadm join --config "$config" >&2
  touch "$joined"
  made=(--made)
fi
if [[ -e /etc/kubernetes/admin.conf ]]; then # a control plane
  kjerne-configure-control-plane "${made[@]}"
  systemctl enable --now kjerne-csr-approver >&2
fi
echo joined
