#!/usr/bin/env bash
# Functions that join this node to a cluster, once.
set -euo pipefail

# kubeadm gives the container runtime two seconds to answer, and a machine that has just started may take longer.
until_runtime_answers() {
  local deadline=$((SECONDS + 300))
  until crictl info &>/dev/null; do
    if ((SECONDS > deadline)); then
      echo "containerd does not answer after 5 minutes, so kubeadm has not run; see: journalctl -u containerd" >&2
      crictl info >/dev/null
    fi
    sleep 1
  done
}

refuse_other() {
  if compgen -G '/var/lib/etcd/member/*' >/dev/null || [[ -e /etc/kubernetes/kubelet.conf || -e /etc/kubernetes/manifests/etcd.yaml ]]; then
    echo "$(hostname) must join, and it has data of a cluster (/var/lib/etcd, /etc/kubernetes) that this script did not begin. Nothing was changed. Where they are of no use any more: kubeadm reset on this machine, and run again; otherwise put back the settings that it had" >&2
    exit 1
  fi
}

# join_cluster: reads the JoinConfiguration, which holds a token, on stdin. A join that was cut off starts over. Whatever it
# did not begin itself it never resets: data of a cluster stop it.
join_cluster() {
  local config began=/var/lib/kjerne/join-began
  # What init.sh leaves where it was cut off: nobody can have joined that cluster.
  local init_began=/var/lib/kjerne/init-began
  config=$(mktemp /run/kjerne-XXXXXX)
  # shellcheck disable=SC2064  # the file of now
  trap "rm -f '$config'" EXIT
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
  until_runtime_answers
  kubeadm join --config "$config" >&2
  touch /var/lib/kjerne/joined
}
