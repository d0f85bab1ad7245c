#!/usr/bin/env bash
# Prints what a control plane knows of its cluster's versions, and of what would stand in the way of others, as JSON;
# {"cluster": false} where it is in none. Changes nothing.
#
# stdout: {"cluster": true, "apiServer": "1.35.4", "answers": false} where no API server answers; else also
#   "nodes": [{"name", "kubelet", "runtime", "proxy": mode of kube-proxy there, "ready", "changing", "changingProxy"}], "budgets": ["NAMESPACE/NAME", …] that let no pod go,
#   "removed": ["GROUP/VERSION RESOURCE, gone in 1.36", …] that somebody still asked this API server for,
#   "etcd": whether each of its members is healthy, "proxyIsHeld": whether kube-proxy's pods wait for another mode
set -euo pipefail
manifest=/etc/kubernetes/manifests/kube-apiserver.yaml
export KUBECONFIG=/etc/kubernetes/admin.conf

if [[ ! -e $manifest || ! -e $KUBECONFIG ]]; then
  echo '{"cluster": false}'
  exit
fi
version=$(awk -F: '/image:.*kube-apiserver:/ { print substr($NF, 2) }' "$manifest")
address=$(awk -F= '/--advertise-address=/ { print $2 }' "$manifest")
# This node's own API server: behind the endpoint another one may answer, and it counts only what it was asked itself.
kubectl() { command kubectl --server "https://$address:6443" --request-timeout 30s "$@"; }

source kubeadm/etcd.sh

if ! nodes=$(kubectl get nodes --output json); then
  jq -nc --arg version "$version" '{cluster: true, apiServer: $version, answers: false}'
  exit
fi
budgets=$(kubectl get poddisruptionbudgets --all-namespaces --output json)
proxies=$(kubectl --namespace kube-system get pods --selector k8s-app=kube-proxy --output json)
held=$(kubectl --namespace kube-system get daemonset kube-proxy --ignore-not-found --output 'jsonpath={.spec.updateStrategy.type}')
# For pods of a version of kjerne that did not write down what they run.
proxy=$(kubectl --namespace kube-system get configmap kube-proxy --ignore-not-found --output json |
  jq -r '.data["config.conf"] | capture("(^|\n)mode: \"?(?<mode>\\w*)").mode')
metrics=$(kubectl get --raw /metrics | grep '^apiserver_requested_deprecated_apis{' || true)
etcd=false
if etcdctl endpoint health --cluster &>/dev/null; then etcd=true; fi
# By files: what a cluster of twenty nodes tells is longer than an argument may be.
jq -nc --arg version "$version" --arg proxy "$proxy" --arg held "$held" --argjson etcd "$etcd" --slurpfile nodes <(printf %s "$nodes") \
  --slurpfile proxies <(printf %s "$proxies") --slurpfile budgets <(printf %s "$budgets") --rawfile metrics <(printf %s "$metrics") '
  {
    cluster: true, apiServer: $version, answers: true, etcd: $etcd, proxyIsHeld: ($held == "OnDelete"),
    nodes: [$nodes[0].items[] | {
      name: .metadata.name, kubelet: (.status.nodeInfo.kubeletVersion | ltrimstr("v")),
      runtime: (.status.nodeInfo.containerRuntimeVersion | sub("^.*://v?"; "")),
      ready: any(.status.conditions[]?; .type == "Ready" and .status == "True"),
      proxy: (.metadata.name as $name | [$proxies[0].items[] | select(.spec.nodeName == $name)][0] |
        if . then (.metadata.annotations["kjerne.io/proxy-mode"] // $proxy) else "" end),
      changing: (.metadata.annotations["kjerne.io/changing"] != null),
      changingProxy: (.metadata.annotations["kjerne.io/changing-proxy"] != null)
    }],
    budgets: [$budgets[0].items[] | select(.status.disruptionsAllowed == 0 and .status.expectedPods > 0) | "\(.metadata.namespace)/\(.metadata.name)"],
    removed: [$metrics | split("\n")[] | [scan("(\\w+)=\"([^\"]*)\"")] | map({(.[0]): .[1]}) | add // empty | select(.removed_release != "") |
      {resource: "\(.group)/\(.version) \(.resource)" | ltrimstr("/"), release: .removed_release}]
  }'
