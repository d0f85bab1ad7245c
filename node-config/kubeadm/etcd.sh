#!/usr/bin/env bash
# Functions that ask the etcd of this control plane; a script that says `source kubeadm/etcd.sh` is sent with them in that
# line's place.
set -euo pipefail

etcdctl() {
  local pki=/etc/kubernetes/pki/etcd
  crictl exec "$(crictl ps --quiet --name '^etcd$')" etcdctl --endpoints https://127.0.0.1:2379 \
    --cacert "$pki/ca.crt" --cert "$pki/healthcheck-client.crt" --key "$pki/healthcheck-client.key" "$@"
}
