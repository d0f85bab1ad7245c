#!/usr/bin/env bash
# Gives kube-proxy another mode and starts none of its pods anew: another-proxy.sh does that, node by node, and kube-proxy.sh
# ends it. Reads what kube-proxy.sh does. Until then a pod first takes away what every mode has left in the kernel, by
# kube-proxy's own command: by itself it leaves the rules of iptables to IPVS and IPVS's to iptables. Safe to run again.
set -euo pipefail
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
source kubeadm/proxy-manifest.sh
source upgrade/felix-mode.sh
in_system=(--namespace kube-system)
config=$(mktemp)
trap 'rm -f "$config" "$manifest.new"' EXIT
cat >"$config"

# Pods of a version of kjerne that did not write down what they run.
running=$(kubectl "${in_system[@]}" get configmap kube-proxy --output json | jq -r '.data["config.conf"] | capture("(^|\n)mode: \"?(?<mode>\\w*)").mode')
kubectl "${in_system[@]}" get pods --selector k8s-app=kube-proxy --output json |
  jq -r '.items[] | select(.metadata.annotations["kjerne.io/proxy-mode"] == null) | .metadata.name' |
  xargs --no-run-if-empty -I{} kubectl "${in_system[@]}" annotate pod {} "kjerne.io/proxy-mode=$running" >&2

mkdir -p "${manifest%/*}"
proxy_manifest "$config" | jq --compact-output '
  if .kind == "DaemonSet" then
    .spec.updateStrategy = {type: "OnDelete"} |
    .spec.template.spec |= (.initContainers = [.containers[0] | .name = "clean-up" | .command = [.command[0], "--cleanup"]])
  else . end' >"$manifest.new"
felix_before "$(jq -r 'select(.kind == "DaemonSet").spec.template.metadata.annotations["kjerne.io/proxy-mode"]' "$manifest.new")"
kubectl apply --server-side --force-conflicts --field-manager kjerne --filename "$manifest.new" >&2
mv "$manifest.new" "$manifest"
