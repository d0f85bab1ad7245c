#!/usr/bin/env bash
# Makes a client certificate with its key and prints {"kubeconfig": …}. Neither stays on this machine. Runs on a control
# plane. Reads {"user", "hours"}. What the user may do is for RBAC alone: the certificate names no group.
set -euo pipefail
umask 077
asked=$(cat)
kubeadm kubeconfig user --config "${KUBEADM_CONFIG:-/etc/kubernetes/kjerne/kubeadm.yaml}" \
  --client-name "$(jq -r .user <<<"$asked")" --validity-period "$(jq -r .hours <<<"$asked")h" |
  jq --raw-input --slurp --compact-output '{kubeconfig: .}'
