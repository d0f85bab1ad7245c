#!/usr/bin/env bash
# Lets real pods try real connections and prints how each ended. Runs on a control plane; one run at a time.
# Reads {"namespaces", "servers", "probes": [MANIFEST...], "seconds": TIME FOR ALL OF IT}. The namespaces belong to this
# script: what an earlier run left there goes first, and they are removed at the end, however it ends.
# Prints {"problem": WHAT KEPT IT FROM FINISHING or "", "results": [{"pod", "probe", "exitCode", "message"}...]}.
set -euo pipefail

work=$(mktemp -d)
cat >"$work/input"
deadline=$((SECONDS + $(jq .seconds "$work/input")))
mapfile -t namespaces < <(jq -r '.namespaces[].metadata.name' "$work/input")

export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
left() { echo "$((deadline > SECONDS ? deadline - SECONDS : 1))s"; }
manifests() { jq "{apiVersion: \"v1\", kind: \"List\", items: .$1}" "$work/input"; }

remove() { kubectl delete namespace "${namespaces[@]}" --ignore-not-found --wait --timeout=600s >&2; }

# Each pod with its containers that ended at least once: a container is started again when it failed.
# shellcheck disable=SC2016  # the variable is jq's
readonly finished='[.items[] | select(.metadata.namespace | IN($ARGS.positional[])) | {
  pod: .metadata.name,
  wanted: (.spec.containers | length),
  stuck: any(.status.initContainerStatuses[]?; .restartCount > 1),
  ended: [.status.containerStatuses[]? | select(.state.terminated // .lastState.terminated)] | length,
  probes: [.status.initContainerStatuses[]?, .status.containerStatuses[]?
    | {probe: .name} + (.state.terminated // .lastState.terminated // {} | {exitCode, message})]
}]'

probe_pods() {
  kubectl get pods --all-namespaces --selector role=probe -o json |
    jq --args "$finished" "${namespaces[@]}" >"$work/pods"
}

until_finished() {
  until probe_pods && jq -e 'all(.stuck or .ended == .wanted)' "$work/pods" >/dev/null; do
    ((SECONDS < deadline)) || { echo "the probes did not end in time" >&2; return 1; }
    sleep 10
  done
}

# Every step has to have worked before the next: errexit doesn't hold inside a condition.
run() {
  manifests namespaces | kubectl create -f - &&
    for namespace in "${namespaces[@]}"; do
      kubectl wait --for=create serviceaccount/default --namespace "$namespace" --timeout="$(left)" || return
    done &&
    manifests servers | kubectl create -f - &&
    kubectl wait --for=condition=Ready pod --selector role=server --namespace "${namespaces[0]}" --timeout="$(left)" &&
    manifests probes | kubectl create -f - &&
    until_finished
}

exec 9<"$KUBECONFIG"
flock --timeout 600 9
trap 'remove; rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
remove

echo '[]' >"$work/pods"
problem=""
if ! run 2>"$work/output" >"$work/made"; then
  # What the kubelet complained about, pod by pod.
  for namespace in "${namespaces[@]}"; do
    kubectl get events --namespace "$namespace" --field-selector type=Warning >>"$work/output"
  done
  problem=$(tail -c 2000 "$work/output")
fi
jq --arg problem "$problem" '{$problem, results: [.[] | {pod} + .probes[]]}' "$work/pods"
