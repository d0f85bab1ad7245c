#!/usr/bin/env bash
# Takes a node's pods to other nodes before it is changed, and routers' connections with them, or lets both come back. Runs on a control plane. Reads
#   {"name", "step": "leave" | "return", "note": "kjerne.io/changing", "minutes",
#    "kubelet": "v1.36.3" or "", "runtime": "containerd://2.3.7" or ""}
# A node that somebody else cordoned stays cordoned. A pod that no controller would make anew is not deleted, and keeps the
# node as it is. Safe to run again.
set -euo pipefail
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
source kubeadm/announcing.sh
request=$(cat)
of() { jq -r "$1" <<<"$request"; }
name=$(of .name)
minutes=$(of .minutes)
# What the node was before, so that a run which was cut off doesn't take its own cordon for an operator's.
note=$(of .note)
before() { kubectl get node "$name" --output "jsonpath={.metadata.annotations.${note//./\\.}}"; }

patch() { kubectl patch node "$name" --type merge --patch "$1" >&2; }

leave() {
  local was
  was=$(before)
  if [[ -z $was ]]; then
    was=$(kubectl get node "$name" --output 'jsonpath={.spec.unschedulable}')
    was=$([[ $was == true ]] && echo cordoned || echo schedulable)
  fi
  patch "$(jq -nc --arg note "$note" --arg was "$was" '{metadata: {annotations: {($note): $was}}, spec: {unschedulable: true}}')"
  withdraw "$name"
  kubectl drain "$name" --ignore-daemonsets --delete-emptydir-data --timeout "${minutes}m" >&2 || {
    let_back "$was"
    echo "$name was not drained in $minutes minutes: see above which pods stay, and why. It takes pods again and was not changed. Make room for them, delete yourself what no controller would make anew, change their PodDisruptionBudget, or give kubernetes.upgrade.drainMinutes more; then run pulumi up again" >&2
    exit 1
  }
}

# let_back WAS: with the note goes the cordon, unless it was there before.
let_back() {
  announce "$name"
  patch "$(jq -nc --arg note "$note" --argjson cordoned "$([[ $1 == cordoned ]] && echo true || echo null)" \
    '{metadata: {annotations: {($note): null}}, spec: {unschedulable: $cordoned}}')"
}

return_to_work() {
  local wait=(kubectl wait "node/$name" --timeout 5m)
  if [[ -n $(of .kubelet) ]]; then "${wait[@]}" --for "jsonpath={.status.nodeInfo.kubeletVersion}=$(of .kubelet)" >&2; fi
  if [[ -n $(of .runtime) ]]; then "${wait[@]}" --for "jsonpath={.status.nodeInfo.containerRuntimeVersion}=$(of .runtime)" >&2; fi
  "${wait[@]}" --for condition=Ready >&2
  let_back "$(before)"
}

case $(of .step) in
  leave) leave ;;
  return) return_to_work ;;
esac
