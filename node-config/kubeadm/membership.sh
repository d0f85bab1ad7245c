#!/usr/bin/env bash
# Functions that let a node into the cluster and let it go, on a control plane, for a script that reads
#   {"name", "address", "instance", "token" or "", "certificates": YAML or "", …}
set -euo pipefail
minutes=30
request=$(cat)
of() { jq -r "$1" <<<"$request"; }
name=$(of .name)
# shellcheck disable=SC2034  # of the script that has these functions
instance=$(of .instance) token=$(of .token)

source kubeadm/etcd.sh

# until_answered COMMAND…: while a control plane leaves, the endpoint may lead to its API server, which has no etcd any more,
# until it leads to another.
until_answered() {
  local deadline=$((SECONDS + 120))
  until "$@"; do
    ((SECONDS < deadline)) || exit 1
    sleep 1
  done
}

# node FIELD: of the Node, empty where there is none.
node() { until_answered kubectl get node "$name" --ignore-not-found --request-timeout 30s --output "jsonpath={$1}"; }

# The Secret that is a bootstrap token: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
token_secret() {
  jq --arg until "$(date --utc --date "+$minutes minutes" +%Y-%m-%dT%H:%M:%SZ)" '
    (.token | split(".")) as [$id, $secret] |
    {
      apiVersion: "v1", kind: "Secret", type: "bootstrap.kubernetes.io/token",
      metadata: {name: "bootstrap-token-\($id)", namespace: "kube-system"},
      stringData: {
        description: "\(.name) joins", "token-id": $id, "token-secret": $secret, expiration: $until,
        "usage-bootstrap-authentication": "true", "usage-bootstrap-signing": "true",
        "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token"
      }
    }' <<<"$request"
}

# By the etcd of this control plane; when it has left itself, by that of another one.
any_etcdctl() {
  local pki=/etc/kubernetes/pki/etcd pod
  if etcdctl member list &>/dev/null; then
    etcdctl "$@"
    return
  fi
  local -a in_pod=(-- etcdctl --endpoints https://127.0.0.1:2379 --cacert "$pki/ca.crt" --cert "$pki/healthcheck-client.crt" --key "$pki/healthcheck-client.key")
  # Those that run on a machine which has left are listed for a while, too.
  for pod in $(until_answered kubectl --namespace kube-system get pods --selector component=etcd --output name --request-timeout 30s); do
    if kubectl --namespace kube-system exec "$pod" "${in_pod[@]}" member list &>/dev/null; then
      kubectl --namespace kube-system exec "$pod" "${in_pod[@]}" "$@"
      return
    fi
  done
  echo "neither the etcd of this control plane nor that of another one answers, so nobody leaves; see: kubectl get pods -n kube-system -l component=etcd" >&2
  return 1
}

member() { any_etcdctl member list | awk -F ', ' -v name="$name" '$3 == name { print $1 }'; }

# A control plane is a member of etcd too, which would go on to count it and take no other of its name. etcd refuses where
# the rest would be no majority.
forget() {
  local id
  id=$(member)
  if [[ -n $id ]]; then
    if command -v kjerne-take-endpoint >/dev/null; then kjerne-take-endpoint "$name" >&2; fi
    any_etcdctl member remove "$id" >&2
  fi
  until_answered kubectl delete node "$name" --ignore-not-found --request-timeout 30s >&2
  until_answered declare '{}'
}

# declare JSON: kjerne-csr-approver lets no other names and addresses have a certificate. Each node's entry has a manager of
# its own, so applying nothing takes it away.
declare() {
  jq -n --argjson data "$1" '{apiVersion: "v1", kind: "ConfigMap", metadata: {name: "kjerne-nodes", namespace: "kube-system"}, data: $data}' |
    kubectl apply --server-side --force-conflicts --field-manager "kjerne-$name" --filename - >&2
}

upload_certificates() {
  local config
  [[ -n $(of .certificates) ]] || return 0
  config=$(mktemp /run/kjerne-XXXXXX)
  # shellcheck disable=SC2064  # the file of now
  trap "rm -f '$config'" EXIT
  of .certificates >"$config"
  kubeadm init phase upload-certs --upload-certs --skip-certificate-key-print --config "$config" >&2
}
