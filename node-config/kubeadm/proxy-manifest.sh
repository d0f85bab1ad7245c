#!/usr/bin/env bash
# kube-proxy's objects as kubeadm makes them, each a line of JSON, with what its pods are told by: the sum of their
# configuration, and their mode. Sourced by scripts that apply them.
set -euo pipefail

# As it was applied last, for whoever puts it back (drift/put-back.sh).
# shellcheck disable=SC2034  # of the scripts that have these functions
manifest=/var/lib/kjerne/kube-proxy.json

# proxy_manifest FILE: kubeadm's configuration with a KubeProxyConfiguration.
proxy_manifest() {
  local sum
  sum=$(sha256sum <"$1")
  kubeadm init phase addon kube-proxy --config "$1" --print-manifest |
    python3 -c 'import json, sys, yaml; [print(json.dumps(document)) for document in yaml.safe_load_all(sys.stdin)]' |
    jq --slurp --compact-output --arg config "${sum%% *}" '
      def mode: .data["config.conf"] | capture("(^|\n)mode: \"?(?<mode>\\w*)").mode;
      (.[] | select(.kind == "ConfigMap") | mode) as $mode | .[] |
      if .kind == "DaemonSet" then
        .spec.template.metadata.annotations = {"kjerne.io/config": $config, "kjerne.io/proxy-mode": $mode}
      else . end'
}
