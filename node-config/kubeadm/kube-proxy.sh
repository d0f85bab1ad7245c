#!/usr/bin/env bash
# Installs or changes kube-proxy, and waits until every node runs it as wanted. Reads kubeadm's configuration with a
# KubeProxyConfiguration on stdin. Safe to run again: pods restart only when the configuration differs.
# https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-reconfigure/
set -euo pipefail
export KUBECONFIG=/etc/kubernetes/admin.conf
source kubeadm/proxy-manifest.sh
config=$(mktemp)
trap 'rm -f "$config" "$manifest.new"' EXIT
cat >"$config"
proxy_manifest "$config" >"$manifest.new"
wanted=$(jq -r 'select(.kind == "DaemonSet").spec.template.metadata.annotations |
  "\(.["kjerne.io/config"]) \(.["kjerne.io/proxy-mode"])"' "$manifest.new")

# OnDelete: nodes were taken to another mode one by one (upgrade/hold-kube-proxy.sh), and all have it.
running=$(kubectl --namespace kube-system get daemonset kube-proxy --ignore-not-found --output json |
  jq -r '"\(.spec.updateStrategy.type) \(.spec.template.metadata.annotations | "\(.["kjerne.io/config"]) \(.["kjerne.io/proxy-mode"])")"')
if [[ $running != "RollingUpdate $wanted" ]]; then
  # kube-proxy reads its file at the start only; a changed template starts the pods anew, one node at a time.
  kubectl apply --server-side --force-conflicts --field-manager kjerne --filename "$manifest.new" >&2
fi
mv "$manifest.new" "$manifest"
kubectl --namespace kube-system rollout status daemonset kube-proxy --timeout 15m >&2
echo "kube-proxy ${wanted% *}"
