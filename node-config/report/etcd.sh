#!/usr/bin/env bash
# Lets etcd write, and prints its own histograms before and after, as JSON: {NAME: {status, stdout, stderr}}. Runs on a
# control plane while nothing else is measured: what fills the processors makes etcd late, whatever its disk does.
# Reads {"namespace": OF THE REPORT, "name": OF THIS NODE, "writes": HOW MANY, OR 0, "seconds": OR THOSE OF SO LONG}. Each write
# is an empty ConfigMap there, which goes with the namespace.
# Takes `reading` and `readings` from reading.sh.
set -euo pipefail

input=$(cat)
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}

# kubeadm lets etcd serve its metrics on this port, to this machine alone.
metrics() {
  curl --silent --show-error --fail --max-time 20 http://127.0.0.1:2381/metrics |
    grep -E '^etcd_disk_(wal_fsync|backend_commit)_duration_seconds_'
}

writes() {
  jq '. as $input | {apiVersion: "v1", kind: "List", items: [range($input.writes) | {apiVersion: "v1", kind: "ConfigMap",
    metadata: {namespace: $input.namespace, name: "etcd-\($input.name)-\(.)"}}]}' <<<"$1" |
    timeout "$(jq .seconds <<<"$1")" kubectl create --filename - >/dev/null || [[ $? = 124 ]]
}
# What kjerne-etcd-disk measured before this machine became a member; clusters that are older have no such answer.
before_start() {
  cat /var/lib/kjerne/etcd-disk.json 2>/dev/null || echo null
}
export -f metrics writes before_start

everything() {
  reading etcdDisk before_start
  reading etcdBefore metrics
  if [[ $(jq .writes <<<"$input") != 0 ]]; then reading writes writes "$input"; fi
  reading etcdAfter metrics
}
readings everything
