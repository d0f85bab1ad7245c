#!/usr/bin/env bash
# Lets real pods try real connections and prints how each ended. Runs on a control plane; one run at a time.
# Reads {"namespaces": [NAME...], "label": "KEY=VALUE", "objects": [MANIFEST...],
# "connect": TEXT OF connect.sh, WHICH RUNS IN THE PODS,
# "probes": [{"pod", "namespace", "passes": [{"id", "target"}...], "carries", "refused": LISTS LIKE IT,
# "whole": ONE WHOSE TARGETS ARE PODS}...],
# "passSeconds", "refuseSeconds", "transferBytes", "echoBytes", "seconds": TIME FOR ALL OF IT}.
# The namespaces with the label belong to this script: it first removes what an earlier run left there, and at the end,
# however it ends, it has begun to remove them. It touches no namespace without it, whatever its name.
# Prints {"problem": WHAT KEPT IT FROM FINISHING or "", "results": [{"pod", "probe", "exitCode", "message"}...]}.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/input"
deadline=$((SECONDS + $(jq .seconds "$work/input")))
mapfile -t namespaces < <(jq -r '.namespaces[]' "$work/input")
label=$(jq -r .label "$work/input")
jq -r .connect "$work/input" >"$work/connect"

export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
left() { echo "$((deadline > SECONDS ? deadline - SECONDS : 1))s"; }

# named OWN: those of the namespaces that have the label (OWN is true), or those that have not (false).
named() {
  kubectl get namespace "${namespaces[@]}" --ignore-not-found --output json |
    jq -r --arg mark "$label" --argjson own "$1" '
      ($mark | split("=")) as [$key, $value] | .items // [.] | .[] | .metadata
      | select((.labels[$key] == $value) == $own) | .name'
}
remove() {
  local own
  mapfile -t own < <(named true)
  ((${#own[@]} == 0)) || kubectl delete namespace "${own[@]}" --ignore-not-found "$@" >&2
}

# try POD NAMESPACE CONNECTION...: keeps what connect.sh prints in that pod. Calls again when the call did not get
# through.
try() {
  local pod=$1 namespace=$2
  shift 2
  until timeout "$(left)" kubectl exec --stdin "$pod" --namespace "$namespace" -- sh -s -- "$@" \
    <"$work/connect" >"$work/$pod.results" 2>"$work/$pod.problem"; do
    ((SECONDS < deadline)) || return
    sleep 2
  done
}

# All pods at once: most of a probe's time is waiting for an answer that must not come.
try_all() {
  local pids=() pid failed=0
  while IFS=$'\t' read -ra arguments; do
    try "${arguments[@]}" &
    pids+=($!)
  done < <(jq -r --slurpfile fabric "$work/fabric" '
    [.passSeconds, .refuseSeconds, .transferBytes, .echoBytes] as $limits | .probes[]
    | [.pod, .namespace, $limits[],
        (("passes", "carries", "refused", "whole") as $kind | .[$kind][]
          | $kind, .id, if $kind == "whole" then $fabric[0][.target] else .target end)]
    | @tsv' "$work/input")
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  ((failed == 0)) || { cat "$work"/*.problem >&2; return 1; }
}

# Addresses on the fabric by pod, which Kubernetes does not know. Of a pod without one it says so in its place.
fabric_addresses() {
  local pod namespace address
  while IFS=$'\t' read -r pod namespace; do
    address=$(kubectl exec "$pod" --namespace "$namespace" -- ip -o -4 address show dev eth1 2>/dev/null |
      awk '{sub("/.*", "", $4); print $4}') || address=""
    jq -n --arg pod "$pod" --arg address "${address:-$pod-has-no-eth1}" '{($pod): $address}'
  done < <(jq -r '([.probes[].whole[].target] | unique) as $targets | .probes[]
    | select(.pod | IN($targets[])) | [.pod, .namespace] | @tsv' "$work/input") | jq -s add >"$work/fabric"
}

# Every step has to have worked before the next: errexit doesn't hold inside a condition.
run() {
  jq '{apiVersion: "v1", kind: "List", items: .objects}' "$work/input" | kubectl create -f - &&
    all_ready &&
    fabric_addresses &&
    try_all
}

all_ready() {
  local namespace
  for namespace in $(jq -r '.probes[].namespace' "$work/input" | sort -u); do
    kubectl wait --for=condition=Ready pod --all --namespace "$namespace" --timeout="$(left)" || return
  done
}

exec 9<"$KUBECONFIG"
flock --timeout 600 9
trap 'remove --wait=false; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
remove --wait --timeout="$(left)"

problem=""
others=$(named false | paste -sd ' ')
if [[ -n $others ]]; then
  problem="namespace $others is not the verification's (it lacks the label $label), so nothing was tried; if nobody needs it: kubectl delete namespace $others"
elif ! run 2>"$work/output" >"$work/made"; then
  # What the kubelet complained about, pod by pod.
  for namespace in "${namespaces[@]}"; do
    kubectl get events --namespace "$namespace" --field-selector type=Warning >>"$work/output"
  done
  problem=$(tail -c 2000 "$work/output")
fi

touch "$work/none.results"
jq -nR --arg problem "$problem" '{$problem, results: [
  inputs | split("\t") as [$probe, $status, $message]
  | {pod: (input_filename | sub(".*/"; "") | rtrimstr(".results")), $probe, exitCode: ($status | tonumber), $message}
]}' "$work"/*.results
