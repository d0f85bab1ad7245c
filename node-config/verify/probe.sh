#!/usr/bin/env bash
# Lets real pods try real connections and prints how each ended. Runs on a control plane; one run at a time.
# Reads {"namespaces": [NAME...], "objects": [MANIFEST...], "connect": TEXT OF connect.sh, WHICH RUNS IN THE PODS,
# "probes": [{"pod", "namespace", "passes": [{"id", "target"}...], "refused": [{"id", "target"}...]}...],
# "passSeconds", "refuseSeconds", "seconds": TIME FOR ALL OF IT}.
# The namespaces belong to this script: it first removes what an earlier run left there. At the end, however it ends, it
# has begun to remove them.
# Prints {"problem": WHAT KEPT IT FROM FINISHING or "", "results": [{"pod", "probe", "exitCode", "message"}...]}.
set -euo pipefail

work=$(mktemp -d)
cat >"$work/input"
deadline=$((SECONDS + $(jq .seconds "$work/input")))
mapfile -t namespaces < <(jq -r '.namespaces[]' "$work/input")
jq -r .connect "$work/input" >"$work/connect"

export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
left() { echo "$((deadline > SECONDS ? deadline - SECONDS : 1))s"; }
remove() { kubectl delete namespace "${namespaces[@]}" --ignore-not-found "$@" >&2; }

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
  done < <(jq -r '.passSeconds as $pass | .refuseSeconds as $refuse | .probes[]
    | [.pod, .namespace, $pass, $refuse,
        (.passes[] | "passes", .id, .target), (.refused[] | "refused", .id, .target)]
    | @tsv' "$work/input")
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  ((failed == 0)) || { cat "$work"/*.problem >&2; return 1; }
}

# Every step has to have worked before the next: errexit doesn't hold inside a condition.
run() {
  jq '{apiVersion: "v1", kind: "List", items: .objects}' "$work/input" | kubectl create -f - &&
    kubectl wait --for=condition=Ready pod --all-namespaces --selector role=probe --timeout="$(left)" &&
    try_all
}

exec 9<"$KUBECONFIG"
flock --timeout 600 9
trap 'remove --wait=false; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
remove --wait --timeout="$(left)"

problem=""
if ! run 2>"$work/output" >"$work/made"; then
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
