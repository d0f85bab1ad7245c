#!/usr/bin/env bash
# Keeps a claimed volume of one node from going away with what pods keep in it. Runs on a control plane. Reads
# {"node", "instance", "volumes": [NAME OF PERSISTENTVOLUME]}. Refuses while a claim has a volume of the node that is not
# listed; with $1 = delete, which is before the node leaves or its machine is replaced, while a claim has any. On a machine that was
# made anew, volumes that an earlier claim had are free again, since their directories are new. Safe to run again.
set -euo pipefail
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
request=$(cat)
node=$(jq -r .node <<<"$request")
keep=$(jq -c .volumes <<<"$request")
if [[ ${1:-create} == delete ]]; then keep='[]'; fi

volumes() { kubectl get persistentvolumes --selector "kjerne.io/node=$node" --output json; }

all=$(volumes)
claimed=$(jq -r --argjson keep "$keep" '[.items[] | select(.status.phase == "Bound" and (.metadata.name | IN($keep[]) | not))
  | "\(.metadata.name) is of claim \(.spec.claimRef.namespace)/\(.spec.claimRef.name)"] | join(", ")' <<<"$all")
if [[ -n $claimed ]]; then
  echo "$node has volumes that claims hold, and what pods keep there would be lost to them: $claimed. Copy what is needed, then delete these claims and the pods that use them (kubectl delete pvc), or leave node and volumes in the settings. The machine of $node and its volumes were not touched" >&2
  exit 1
fi
if [[ ${1:-create} == create ]]; then
  for name in $(jq -r '.items[] | select(.status.phase == "Released") | .metadata.name' <<<"$all"); do
    kubectl patch persistentvolume "$name" --type json --patch '[{"op": "remove", "path": "/spec/claimRef"}]' >&2
  done
fi
echo "$node: nothing is lost"
