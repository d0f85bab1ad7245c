#!/usr/bin/env bash
# Refuses to offer the fabric by Multus where Multus is not, and to take over a definition of that name which somebody else
# made. Runs on a control plane before anything of it is made; changes nothing. Reads {"name", "namespaces"}.
set -euo pipefail

asked=$(cat)
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
kind=network-attachment-definitions.k8s.cni.cncf.io
ask() { kubectl --request-timeout 60s get "$@" --ignore-not-found --output json; }

definition=$(ask customresourcedefinition "$kind")
if ! jq --exit-status 'any(.spec.versions[]; .name == "v1" and .served)
  and any(.status.conditions[]; .type == "Established" and .status == "True")' <<<"${definition:-null}" &>/dev/null; then
  echo "network.fabric.multus is true and Multus is not here: the API server serves no $kind of version v1. Install Multus, then run \`pulumi up\` again, or leave network.fabric.multus out" >&2
  exit 1
fi
{
  ask namespaces
  ask "$kind" --all-namespaces --show-managed-fields
} | jq --slurp --raw-output --argjson asked "$asked" '
  [.[].items[]] | (map(select(.kind == "Namespace").metadata.name)) as $there
  | [($asked.namespaces - $there)[]
      | "namespace \(.) is not here, and a definition for its pods has no place; make it, or take it out of network.fabric.namespaces"]
    + [.[] | select(.kind == "NetworkAttachmentDefinition").metadata
      | select(.name == $asked.name and (.namespace | IN($asked.namespaces[])))
      | select(any(.managedFields[]?; .manager == "kjerne") | not)
      | "NetworkAttachmentDefinition \(.namespace)/\(.name) is here already, and somebody else made it; rename it, and the pods that ask for it, or leave network.fabric.multus out"]
  | if . == [] then empty else join("\n") + "\n" | halt_error(1) end'
