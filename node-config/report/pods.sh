#!/usr/bin/env bash
# Makes a pod on each node to be measured, under network policies of their own, and removes all of it again. Runs on a
# control plane.
# Reads {"make": WHETHER TO MAKE OR TO REMOVE, "namespace", "label": "KEY=VALUE", "objects": [MANIFEST...], "seconds": HOW
# LONG THEY MAY LIVE}.
# Prints {POD: ADDRESS...} once all are Ready. It first removes what an earlier run left. Where nobody calls again, a timer
# of systemd removes all after `seconds`. It touches no namespace without the label, whatever its name.
set -euo pipefail

input=$(cat)
of() { jq -r ".$1" <<<"$input"; }
namespace=$(of namespace)
label=$(of label)
timer=kjerne-report-remove
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}

remove() {
  systemctl stop "$timer.timer" "$timer.service" 2>/dev/null || true
  kubectl delete namespace --selector "$label" --field-selector "metadata.name=$namespace" --ignore-not-found "$@" >&2
}

if [[ $(of make) = false ]]; then
  remove --wait=false
  exit
fi

remove --timeout=120s
if kubectl get namespace "$namespace" --output name 2>/dev/null; then
  echo "namespace $namespace is not the report's (it lacks the label $label); if nobody needs it: kubectl delete namespace $namespace" >&2
  exit 1
fi
systemd-run --quiet --collect --unit="$timer" --on-active="$(of seconds)" --setenv=KUBECONFIG="$KUBECONFIG" \
  kubectl delete namespace --selector "$label" --field-selector "metadata.name=$namespace" --ignore-not-found
trap 'remove --wait=false' ERR HUP INT TERM
jq '{apiVersion: "v1", kind: "List", items: .objects}' <<<"$input" | kubectl create --filename - >&2
kubectl wait --for=condition=Ready pod --all --namespace "$namespace" --timeout=180s >&2
kubectl get pods --namespace "$namespace" --output json |
  jq '[.items[] | {(.metadata.name): .status.podIP}] | add'
