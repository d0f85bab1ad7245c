#!/usr/bin/env bash
# Lets nodes that have joined take pods, each once others see it: its BGP sessions stand on both sides, and blocks of pods'
# addresses have routes both ways. Until then it has the taint that join.yaml gives it. Of the others those count that take
# pods, so a node that nobody sees keeps no other waiting. Runs on a control plane, beside the start of calico-node. Reads
#   {"seconds": HOW LONG IT MAY TAKE}
# Safe to run again, and twice at once.
set -euo pipefail
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
source kubeadm/speakers.sh
seconds=$(jq .seconds)
taint=kjerne.io/routes-not-seen
seen=$(mktemp --directory /run/kjerne-XXXXXX)
trap 'rm -rf "$seen"' EXIT

# answer_of NAME POD: {"name", "sessions": {ADDRESS: whether it stands}, "routes": [NETWORKS]}; nothing of one that gives none
answer_of() {
  # Only lines that count come to jq, of which a node that somebody else has could fill this machine's memory.
  jq -nc --arg name "$1" \
    --rawfile protocols <(bird "$2" show protocols | awk 'NR == 1 {print "said"} /^(Mesh|Node|Global)_[0-9_]+ +BGP / {print $1, /Established/}') \
    --rawfile routes <(bird "$2" show route | awk 'NR == 1 {print "said"} /^[0-9.]+\/[0-9]+[ \t]/ {print $1}' | sort -u) '
  select($protocols != "" and $routes != "") | {
    $name,
    # Calico names a session by the address of the other side.
    sessions: [$protocols | split("\n")[] | select(startswith("said") or . == "" | not) | split(" ") | {
      key: (.[0] | sub("^[A-Za-z]+_"; "") | gsub("_"; ".")), value: (.[1] == "1")
    }] | from_entries,
    routes: (reduce ($routes | split("\n")[]) as $network ({}; .[$network] = true))
  }' >"$seen/$1.new" && mv "$seen/$1.new" "$seen/answers/$1"
}
export -f answer_of
export seen

look() {
  rm -rf "$seen/answers"
  mkdir "$seen/answers"
  nodes >"$seen/nodes" || return
  kubectl get blockaffinities.crd.projectcalico.org --output json | jq -c '
    .items[].spec | select(.state == "confirmed" and .deleted != "true") | {node, cidr}
      # Any node may write them, and what is said of them goes to a terminal.
      | select(.cidr | test("^[0-9.]+/[0-9]+\\z"))' >"$seen/blocks" || return
  mesh=$(kubectl get bgpconfigurations.crd.projectcalico.org default --ignore-not-found \
    --output 'jsonpath={.spec.nodeToNodeMeshEnabled}') || return
  # shellcheck disable=SC2016  # for the shell that xargs starts
  jq -sr --arg taint "$taint" '
    map(select(.ready and .address and .pod)) | select(any(.[]; any(.taints[]; . == $taint)))[] | "\(.name) \(.pod)"
    ' "$seen/nodes" | xargs --no-run-if-empty --max-procs 8 --max-lines=1 bash -uc 'answer_of "$@" || true' answer_of || return
}

# NAME, a tab and what it lacks, of each node that takes no pods yet.
lacks() {
  find "$seen/answers" -type f -exec cat {} + >"$seen/said"
  jq -nr --arg taint "$taint" --arg mesh "$mesh" --slurpfile nodes "$seen/nodes" --slurpfile blocks "$seen/blocks" \
    --slurpfile said "$seen/said" '
    def waits: any(.taints[]; . == $taint);
    def speaks: .ready and .address and .pod;
    INDEX($said[]; .name) as $said
    | (reduce $blocks[] as {$node, $cidr} ({}; .[$node] += [$cidr])) as $blocks
    | ($nodes | map(.address)) as $addresses
    | def answers: $said[.name] != null;
      def session($to): if answers | not then empty elif $said[.name].sessions[$to.address] then empty else "\(.name) has no session with \($to.name)" end;
      def routes($to): select(answers) | .name as $name
        | $blocks[$to.name][]? | select($said[$name].routes[.] | not) | "\($name) has no route to \(.) of \($to.name)";
      def routers: .name as $name | $said[$name].sessions | to_entries[]
        | select((.value | not) and (.key | IN($addresses[]) | not)) | "\($name) has no session with the router \(.key)";
      def lacking($others): . as $one
        | if .ready | not then "it is not Ready"
          elif speaks | not then "calico-node there is not Ready"
          elif answers | not then "its BIRD does not answer"
          else
            ($others[] | select(answers | not) | "BIRD of \(.name) does not answer"),
            ($others | if $mesh == "false" and ($one.reflects | not) then map(select(.reflects)) else . end) as $peers
            | (if $mesh == "false" and $peers == [] and ($one.reflects | not) then "none of the route reflectors takes pods" else empty end),
              ($peers[] | . as $peer | ($one | session($peer)), session($one)),
              ($others[] | . as $other | ($one | routes($other)), routes($one)),
              routers
          end;
      reduce ($nodes[] | select(waits)) as $one ({others: ($nodes | map(select(speaks and (waits | not)))), told: []};
        [.others as $others | $one | lacking($others)] as $lacks
        # It counts for those behind it, as in the next look.
        | if $lacks == [] then .others += [$one] else . end
        | .told += ["\($one.name)\t\($lacks[:6] | join("; "))\(if $lacks[6] then " and more" else "" end)"])
    | .told[]'
}

# Of the taints as they are: others come and go meanwhile.
take_pods() {
  local patch
  patch=$(kubectl get node "$1" --output json | jq -c --arg taint "$taint" '
    [.spec.taints[]?.key] | index($taint) // empty | "/spec/taints/\(.)"
    | [{op: "test", path: "\(.)/key", value: $taint}, {op: "remove", path: .}]')
  if [[ -n $patch ]]; then kubectl patch node "$1" --type json --patch "$patch" >&2; fi
}

deadline=$((SECONDS + seconds))
while true; do
  waiting=
  if look; then
    waiting=$(lacks)
    [[ -n $waiting ]] || break
  fi
  while IFS=$'\t' read -r name lacking; do
    if [[ -n $name && -z $lacking ]]; then take_pods "$name" || true; fi
  done <<<"$waiting"
  if ((SECONDS > deadline)); then
    minutes=$((seconds / 60))
    if [[ -z $waiting ]]; then
      echo "the API server does not answer after $minutes minutes, so nodes that have joined take no pods yet. See on a control plane: sudo crictl ps -a; then run pulumi up again" >&2
    fi
    while IFS=$'\t' read -r name lacking; do
      [[ -n $name ]] || continue
      echo "$name takes no pods, because after $minutes minutes the others don't see its routes: ${lacking:-its taint $taint could not be taken off}. The other nodes go on. See on a control plane: sudo kubectl describe node $name; on $name: sudo crictl ps --all --name calico-node; then run pulumi up again" >&2
    done <<<"$waiting"
    exit 1
  fi
  sleep 2
done
echo "all nodes take pods"
