#!/usr/bin/env bash
# Whether Calico announces addresses of Services from a node: before its pods leave, routers send new connections elsewhere.
# Sourced by scripts that drain nodes.
set -euo pipefail

excluded=node.kubernetes.io/exclude-from-external-load-balancers # Calico heeds the value true alone
# What the label was, so that one of an operator or of kubeadm stays.
withdrawn=kjerne.io/withdrawn

withdraw() {
  local patch
  patch=$(kubectl get node "$1" --output json | jq -c --arg key "$excluded" --arg note "$withdrawn" '.metadata
    | {metadata: {labels: {($key): "true"}, annotations: {($note): (.annotations[$note] // .labels[$key] // "none")}}}')
  kubectl patch node "$1" --type merge --patch "$patch" >&2
}

announce() {
  local patch
  patch=$(kubectl get node "$1" --output json | jq -c --arg key "$excluded" --arg note "$withdrawn" '.metadata.annotations[$note]
    | select(.) | {metadata: {labels: {($key): (if . == "none" then null else . end)}, annotations: {($note): null}}}')
  if [[ -n $patch ]]; then kubectl patch node "$1" --type merge --patch "$patch" >&2; fi
}
