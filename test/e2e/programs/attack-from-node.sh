#!/usr/bin/env bash
# What somebody tries who took over a worker and has its kubelet's credential. Runs as root there. Prints a line for each
# try: "open" or "refused", a tab, and what was tried. In the environment: OWN, the address of this node; CONTROL_PLANE, a
# node's name; ADDRESS, its address; OTHER, the name of another node.
set -uo pipefail
export KUBECONFIG=/etc/kubernetes/kubelet.conf
certificate=/var/lib/kubelet/pki/kubelet-client-current.pem
own=$(hostname)

try() {
  local what=$1
  shift
  if timeout 20 "$@" &>/dev/null </dev/null; then printf 'open\t%s\n' "$what"; else printf 'refused\t%s\n' "$what"; fi
}
k() { try "kubectl $*" kubectl --request-timeout=15s "$@"; }
# apply WHAT: creates the object of JSON on stdin.
apply() {
  local object
  object=$(mktemp)
  cat >"$object"
  try "$1" kubectl --request-timeout=15s create --filename "$object"
  rm "$object"
}

kubectl get node "$own" >/dev/null || { echo "the kubelet's credential is not known to the API server" >&2; exit 1; }

k get secrets --all-namespaces
k get secrets --namespace kube-system
k get configmaps --namespace kube-system
k get configmap kjerne-nodes --namespace kube-system --output json
k get clusterroles
k delete node "$CONTROL_PLANE"
k delete node "$OTHER"
k label node "$OTHER" seized=yes
k label node "$own" node-role.kubernetes.io/control-plane= --overwrite
k label node "$own" node-restriction.kubernetes.io/tenant=a --overwrite
k taint node "$OTHER" seized=yes:NoSchedule
k annotate node "$CONTROL_PLANE" seized=yes
k get --raw "/api/v1/nodes/$CONTROL_PLANE/proxy/pods"
k get --raw "/api/v1/nodes/$own/proxy/pods"
k get --raw /metrics
k get --raw /debug/pprof/
k get nodes --as kubernetes-admin --as-group system:masters
k create token default --namespace default
k create clusterrolebinding seized --clusterrole cluster-admin --user "system:node:$own"
k create deployment seized --image registry.k8s.io/pause:3.10
k delete pods --all --namespace kube-system --field-selector "spec.nodeName=$CONTROL_PLANE"
k patch configmap kubeadm-config --namespace kube-system --patch '{"data": {"seized": "yes"}}'
k delete leases --namespace kube-node-lease "$OTHER"
k delete globalnetworkpolicies.crd.projectcalico.org --all
k get ipamblocks.crd.projectcalico.org

apply "a mirror pod that names a Secret" <<<"{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"seized-$own\", \"namespace\": \"kube-system\", \"annotations\": {\"kubernetes.io/config.mirror\": \"a\"}}, \"spec\": {\"nodeName\": \"$own\", \"containers\": [{\"name\": \"a\", \"image\": \"a\"}], \"volumes\": [{\"name\": \"a\", \"secret\": {\"secretName\": \"a\"}}]}}"
apply "a mirror pod on another node" <<<"{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"seized-$OTHER\", \"namespace\": \"kube-system\", \"annotations\": {\"kubernetes.io/config.mirror\": \"a\"}}, \"spec\": {\"nodeName\": \"$OTHER\", \"containers\": [{\"name\": \"a\", \"image\": \"a\"}]}}"
apply "a Node of another name" <<<'{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "seized"}}'

# shellcheck disable=SC2016  # its own arguments
signed='
  set -e
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "$1" ${4:+-addext "subjectAltName=$4"} -keyout "$6/key" -out "$6/request"
  jq --null-input --arg name "$5" --arg signer "$2" --argjson usages "$3" --arg request "$(base64 -w 0 "$6/request")" \
    "{apiVersion: \"certificates.k8s.io/v1\", kind: \"CertificateSigningRequest\", metadata: {name: \$name}, spec: {request: \$request, signerName: \$signer, usages: \$usages}}" |
    kubectl create --filename -
  for _ in {1..10}; do
    [[ -z $(kubectl get csr "$5" --output "jsonpath={.status.certificate}") ]] || exit 0
    sleep 1
  done
  exit 1'
# ask WHAT SUBJECT SIGNER USAGES NAMES: a certificate that is signed within ten seconds.
ask() {
  local name=seized-$RANDOM$RANDOM work
  work=$(mktemp -d)
  try "$1" bash -c "$signed" ask "$2" "$3" "$4" "$5" "$name" "$work"
  rm -rf "$work"
}
serving='["digital signature", "server auth"]' client='["digital signature", "client auth"]'
# What it may have it gets, so the others are not refused for want of an approver.
[[ $(ask "its own" "/O=system:nodes/CN=system:node:$own" kubernetes.io/kubelet-serving "$serving" "DNS:$own,IP:$OWN") = open* ]] ||
  { echo "the kubelet gets no certificate of its own" >&2; exit 1; }
ask "a serving certificate for the API server's name" "/O=system:nodes/CN=system:node:$own" kubernetes.io/kubelet-serving "$serving" "DNS:kubernetes.default.svc"
ask "a serving certificate for another node's address" "/O=system:nodes/CN=system:node:$own" kubernetes.io/kubelet-serving "$serving" "IP:$ADDRESS"
ask "a serving certificate for its name and the API server's" "/O=system:nodes/CN=system:node:$own" kubernetes.io/kubelet-serving "$serving" "DNS:$own,DNS:kubernetes.default.svc"
ask "a serving certificate with a URI" "/O=system:nodes/CN=system:node:$own" kubernetes.io/kubelet-serving "$serving" "DNS:$own,URI:https://kubernetes.default.svc"
ask "another node's client certificate" "/O=system:nodes/CN=system:node:$OTHER" kubernetes.io/kube-apiserver-client-kubelet "$client" ""
ask "an administrator's client certificate" "/O=system:masters/CN=admin" kubernetes.io/kube-apiserver-client "$client" ""

# With the kubelet's certificate, which every component's authority knows or does not.
raw() {
  try "$1" kubectl --kubeconfig /dev/null --insecure-skip-tls-verify --client-certificate "$certificate" --client-key "$certificate" \
    --request-timeout 5s --server "$2" "${@:3}"
}
raw "pods of the control plane's kubelet" "https://$ADDRESS:10250" get --raw /pods
raw "a command by the control plane's kubelet" "https://$ADDRESS:10250" create --raw "/run/kube-system/etcd/etcd?cmd=id" --filename /dev/null
raw "etcd's version" "https://$ADDRESS:2379" get --raw /version
raw "members of etcd" "https://$ADDRESS:2380" get --raw /members
raw "the controller manager's metrics" "https://$ADDRESS:10257" get --raw /metrics
raw "the scheduler's metrics" "https://$ADDRESS:10259" get --raw /metrics
try "ssh of another node" bash -c "exec 3<>/dev/tcp/$ADDRESS/22"
