#!/usr/bin/env bash
# Refuses namespaces that are there already and that this cluster's stack did not make: their pods would be cut off, and
# their labels replaced. Runs on a control plane; changes nothing. Reads {"cluster", "namespaces"}.
set -euo pipefail

asked=$(cat)
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
ask() { kubectl --request-timeout 60s get "$@" --output json; }

# A namespace that nobody labelled is this cluster's where the stack's own policy is in it: older releases gave no label.
ask namespaces,networkpolicies --all-namespaces --show-managed-fields | jq --raw-output --argjson asked "$asked" '
  def is_of_stack: any(.metadata.managedFields[]?; .manager | startswith("pulumi-kubernetes"));
  ([.items[] | select(.kind == "NetworkPolicy" and .metadata.name == "default-deny-all" and is_of_stack)
    | .metadata.namespace]) as $denied
  | [.items[] | select(.kind == "Namespace") | .metadata
    | select(.name | IN($asked.namespaces[]))
    | {name, owner: .labels["kjerne.io/cluster"]}
    | select(.owner != $asked.cluster and (.owner != null or (.name | IN($denied[]) | not)))]
  | if . == [] then empty else
    (map("namespace \(.name) is here already, and " + if .owner then "cluster \(.owner) made it" else "somebody else made it" end)
      + ["Take such a name out of defaultDeny, or hand the namespace over to this cluster, whose default deny then holds for the pods in it: kubectl label --overwrite namespace NAME kjerne.io/cluster=\($asked.cluster)\n"]
      | join("\n") | halt_error(1)) end'
