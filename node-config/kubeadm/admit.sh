#!/usr/bin/env bash
# Lets one node into the cluster, keeps its labels, taints and autonomous system as the settings have them, and lets it go
# again. Runs on a control plane, for several nodes at once. Reads
#   {"through": NAME OF THIS NODE, "name", "address", "instance", "token" or "", "certificates": YAML or "",
#    "labels": {…}, "taints": [{"key", "value", "effect"}], "asNumber": NUMBER or absent}
# A token is valid while the node joins, half an hour at most. With $1 = delete the node is drained and leaves; a node
# that is down leaves without, and keeps nobody waiting; one that was made anew since then stays. Safe to run again.
set -euo pipefail
umask 077
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
source kubeadm/membership.sh
source kubeadm/announcing.sh

let_in() {
  local now
  now=$(node '.metadata.annotations.kjerne\.io/instance')
  # Made anew; the old one doesn't come back. Not one without a token: it is in the cluster by now, and the member of etcd of
  # its name is itself.
  if [[ -n $now && $now != "$instance" && -n $token ]]; then forget; fi
  declare "$(of '{(.name): .address} | tojson')"
  if [[ $now != "$instance" && -n $token ]]; then
    upload_certificates
    token_secret | kubectl apply --server-side --filename - >&2
    kubectl wait --for=create "node/$name" --timeout "${minutes}m" >&2 || {
      token_secret | kubectl delete --ignore-not-found --filename - >&2
      echo "$name did not join within $minutes minutes, and its token is void: its own step $name-join says why. Run pulumi up again, which makes the token valid anew" >&2
      exit 1
    }
    token_secret | kubectl delete --ignore-not-found --filename - >&2
  fi
  kubectl wait --for=create "node/$name" --timeout 5m >&2
  kubectl annotate node "$name" --overwrite "kjerne.io/instance=$instance" >&2
}

# Labels, taints and autonomous system of the settings, and no longer those that an earlier run set; somebody else's stay.
describe() {
  local patch
  patch=$(kubectl get node "$name" --output json | jq -c --argjson wanted "$request" '
    # What kubeadm gave a control plane is as if an earlier run had.
    (.metadata.annotations["kjerne.io/settings"] // "{\"taints\": [{\"key\": \"node-role.kubernetes.io/control-plane\", \"effect\": \"NoSchedule\"}]}" | fromjson) as $before |
    def same($other): .key == $other.key and .effect == $other.effect;
    {
      metadata: {
        labels: ((($before.labels // []) - ($wanted.labels | keys) | map({(.): null}) | add // {}) + $wanted.labels),
        annotations: ({"kjerne.io/settings": ({labels: ($wanted.labels | keys), taints: ($wanted.taints | map({key, effect}))} + ($wanted | with_entries(select(.key == "asNumber"))) | tojson)} +
          # By this Calico knows the autonomous system of one node.
          if $wanted.asNumber or $before.asNumber then {"projectcalico.org/ASNumber": ($wanted.asNumber // null | if . then tostring else null end)} else {} end)
      },
      spec: {
        taints: ([.spec.taints[]? | select(. as $one | any(($before.taints // [])[], $wanted.taints[]; same($one)) | not)] + $wanted.taints)
      }
    }')
  kubectl patch node "$name" --type merge --patch "$patch" >&2
}

# Pods of a node that is down can't end; with the Node the cluster gives them up.
let_go() {
  if [[ $name == "$(of .through)" || -z $(node .metadata.name) ]]; then return; fi
  if [[ $(node '.status.conditions[?(@.type=="Ready")].status') == True ]]; then
    withdraw "$name"
    kubectl drain "$name" --ignore-daemonsets --delete-emptydir-data --force --timeout 5m >&2 || {
      announce "$name"
      echo "$name was not drained in five minutes: see above what stays, a PodDisruptionBudget for one. It is cordoned and still in the cluster. Make room for its pods or delete them, then run again" >&2
      exit 1
    }
  else
    kubectl cordon "$name" >&2
  fi
}

# Of several control planes that one run replaces or takes out, only the first leaves, whichever machine lets it go: the note
# is of one version of the ConfigMap. missing-nodes.sh, with which each run begins, takes it off.
refuse_second_control_plane() {
  local id note=kjerne.io/control-plane-that-left found before version deadline=$((SECONDS + 120))
  id=$(member)
  [[ -n $id ]] || return 0
  while true; do
    found=$(until_answered kubectl --namespace kube-system get configmap kjerne-nodes --ignore-not-found --output json)
    before=$(jq -r --arg note "$note" '.metadata.annotations[$note] // empty' <<<"$found")
    if [[ -n $before && $before != "$name" ]]; then
      echo "control plane $before has left in this run, and $name stays in the cluster until another one: etcd's members leave one at a time. Nothing of $name was changed. Run pulumi up again once the cluster is whole" >&2
      exit 1
    fi
    version=$(jq -r .metadata.resourceVersion <<<"$found")
    if kubectl --namespace kube-system annotate configmap kjerne-nodes "$note=$name" --overwrite --resource-version "$version" >&2; then
      return
    fi
    ((SECONDS < deadline)) || exit 1
    sleep 1
  done
}

# Members of etcd come and go one at a time.
mkdir -p /run/lock
exec 8>/run/lock/kjerne-admit
case ${1:-create} in
  delete)
    flock --timeout 900 8
    now=$(node '.metadata.annotations.kjerne\.io/instance')
    # Its successor, in another role for one, was admitted before this.
    if [[ -n $now && $now != "$instance" ]]; then
      echo "$name is another machine by now, which stays"
      exit 0
    fi
    refuse_second_control_plane
    let_go
    forget
    echo "$name has left"
    ;;
  *)
    let_in
    describe
    echo "admitted $name"
    ;;
esac
