#!/usr/bin/env bash
# Prints the names of nodes that were let into the cluster and have no Node there now, or one that did not get in to the end
# and takes no pods yet, as a JSON list. Empty where there is no cluster yet. A run of the engine begins with this, so the note of which control plane left in the run before goes
# (see admit.sh); it changes nothing else.
set -euo pipefail

export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
if [[ ! -e $KUBECONFIG ]]; then
  echo '[]'
  exit
fi
declared=$(kubectl --request-timeout 20s --namespace kube-system get configmap kjerne-nodes --ignore-not-found --output json)
if [[ -n $declared ]]; then
  kubectl --request-timeout 20s --namespace kube-system annotate configmap kjerne-nodes kjerne.io/control-plane-that-left- >&2
fi
nodes=$(kubectl --request-timeout 20s get nodes --output json | jq -c '[.items[]
  | select(any(.spec.taints[]?; .key == "kjerne.io/routes-not-seen") | not).metadata
  | select(.annotations["kjerne.io/instance"]).name]')
jq -nc --argjson declared "${declared:-{\}}" --argjson nodes "$nodes" '($declared.data // {} | keys) - $nodes'
