#!/usr/bin/env bash
# Lets nodes into the cluster: their tokens are valid while this runs and half an hour at most, and it is done when all
# of them are in. Nodes of the group that are not named any more are drained and leave. Reads
#   {"group": NAME, "through": NAME, "nodes": [{"name": …, "instance": …, "token": …}], "certificates": YAML or ""}
# where "through" is this node, which stays, and keeps what it reads out of argument lists. Safe to run again.
set -euo pipefail
umask 077
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
minutes=30
request=$(cat)
group=$(jq -r .group <<<"$request")
through=$(jq -r .through <<<"$request")
mapfile -t names < <(jq -r '.nodes[].name' <<<"$request")

instance_wanted() {
  jq -r --arg name "$1" '.nodes[] | select(.name == $name) | .instance' <<<"$request"
}

instance_now() {
  kubectl get node "$1" --ignore-not-found --output 'jsonpath={.metadata.annotations.kjerne\.io/instance}'
}

# The Secret that is a bootstrap token: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
token_of() {
  jq --arg name "$1" --arg until "$(date --utc --date "+$minutes minutes" +%Y-%m-%dT%H:%M:%SZ)" '
    .nodes[] | select(.name == $name) | (.token | split(".")) as [$id, $secret] |
    {
      apiVersion: "v1", kind: "Secret", type: "bootstrap.kubernetes.io/token",
      metadata: {name: "bootstrap-token-\($id)", namespace: "kube-system"},
      stringData: {
        description: "\($name) joins", "token-id": $id, "token-secret": $secret, expiration: $until,
        "usage-bootstrap-authentication": "true", "usage-bootstrap-signing": "true",
        "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token"
      }
    }' <<<"$request"
}

admit() {
  local name=$1 wanted now
  wanted=$(instance_wanted "$name")
  now=$(instance_now "$name")
  if [[ $now == "$wanted" ]]; then
    return
  fi
  if [[ -n $now ]]; then # the machine of that name was made anew; the old one doesn't come back
    forget "$name"
  fi
  token_of "$name" | kubectl apply --server-side --filename - >&2
  awaited+=("$name")
}

settle() {
  local name=$1
  kubectl wait --for=create "node/$name" --timeout "${minutes}m" >&2
  kubectl annotate node "$name" --overwrite "kjerne.io/instance=$(instance_wanted "$name")" >&2
  kubectl label node "$name" --overwrite "kjerne.io/group=$group" >&2
  token_of "$name" | kubectl delete --ignore-not-found --filename - >&2
}

dismiss() {
  local name=$1
  kubectl drain "$name" --ignore-daemonsets --delete-emptydir-data --force --timeout 5m >&2
  forget "$name"
}

# A control plane is a member of etcd too, which would go on to count it and take no other of its name.
forget() {
  local name=$1 member
  member=$(etcdctl member list | awk -F ', ' -v name="$name" '$3 == name { print $1 }')
  if [[ -n $member ]]; then
    etcdctl member remove "$member" >&2
  fi
  kubectl delete node "$name" >&2
}

etcdctl() {
  local pki=/etc/kubernetes/pki/etcd
  crictl exec "$(crictl ps --quiet --name '^etcd$')" etcdctl --endpoints https://127.0.0.1:2379 \
    --cacert "$pki/ca.crt" --cert "$pki/healthcheck-client.crt" --key "$pki/healthcheck-client.key" "$@"
}

certificates=$(jq -r .certificates <<<"$request")
if [[ -n $certificates ]]; then
  config=$(mktemp)
  trap 'rm -f "$config"' EXIT
  echo "$certificates" >"$config"
  kubeadm init phase upload-certs --upload-certs --skip-certificate-key-print --config "$config" >&2
fi

awaited=()
for name in "${names[@]}"; do
  admit "$name"
done
for name in "${awaited[@]}"; do
  settle "$name"
done
while read -r member; do
  if [[ " $through ${names[*]} " != *" $member "* ]]; then
    dismiss "$member"
  fi
done < <(kubectl get nodes --selector "kjerne.io/group=$group" --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}')

echo "admitted: ${names[*]}"
