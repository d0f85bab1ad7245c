#!/usr/bin/env bash
# Runs kube-bench on this node and prints its answer, JSON. Reads base64 of a tar.gz with kube-bench and its cfg on stdin, and
# leaves nothing of it. Changes nothing.
set -euo pipefail
umask 077
directory=$(mktemp -d /var/tmp/kjerne-cis-XXXXXX)
trap 'rm -rf "$directory"' EXIT
base64 -d | tar -xz -C "$directory"
targets=node
if [[ -e /etc/kubernetes/admin.conf ]]; then
  export KUBECONFIG=/etc/kubernetes/admin.conf
  targets=master,etcd,controlplane,node,policies
fi
cd "$directory/cfg"
benchmarks=(cis-*) # the one that was sent
../kube-bench --config-dir . --config config.yaml run --benchmark "${benchmarks[0]}" --targets "$targets" --json
