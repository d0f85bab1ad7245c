#!/usr/bin/env bash
# Functions that find the nodes on which calico-node runs, and ask its BIRD for BGP sessions and routes.
set -euo pipefail

# Each node as a line of JSON: {"name", "ready", "taints": [KEYS], "reflects", "address" for BGP or null, "pod": its
# calico-node that is Ready, or null}
nodes() {
  kubectl get nodes,pods --namespace kube-system --output json | jq -c '
    def ready: any(.status.conditions[]?; .type == "Ready" and .status == "True");
    INDEX(.items[] | select(.kind == "Pod" and .metadata.labels["k8s-app"] == "calico-node" and ready); .spec.nodeName) as $pods
    | .items[] | select(.kind == "Node")
    | {name: .metadata.name, ready: ready, taints: [.spec.taints[]?.key],
        reflects: (.metadata.labels["kjerne.io/route-reflector"] == "true"),
        address: (.metadata.annotations["projectcalico.org/IPv4Address"] // "" | split("/")[0]),
        pod: $pods[.metadata.name].metadata.name}'
}

# NAME ADDRESS POD of each node that is Ready and on which calico-node is.
speakers() { nodes | jq -r 'select(.ready and .address and .pod) | "\(.name) \(.address) \(.pod)"'; }

# bird POD COMMAND…: a node that gives no answer, or no end of it, keeps nobody waiting.
bird() {
  timeout 30 kubectl exec --namespace kube-system "$1" --container calico-node -- \
    birdcl -s /var/run/calico/bird.ctl "${@:2}" 2>/dev/null | head --bytes 16M
}
export -f bird
