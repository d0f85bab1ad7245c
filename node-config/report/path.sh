#!/usr/bin/env bash
# Measures the path between two nodes, from one of them to the other, or is the other end: between their own addresses and
# between a pod on each, in turns, so that both meet the same neighbours. The pods' network namespaces are entered from the
# node: the pods need no program, and network policies treat it as the pod's traffic. Changes nothing.
# Reads {"serve": WHETHER IT IS THE OTHER END, "program": TEXT OF path.py, "namespace", "pod": WHOSE ADDRESS IS THE POD'S,
# "ends": {"host": {"from": ADDRESS, "to": ADDRESS}, "pod": LIKE IT}, "port", "seconds": LIMIT OF THE OTHER END};
# for the end that measures also {"rounds", "sendSeconds", "asks", "askSeconds", "mtu", "pathMtu": TEXT OF path-mtu.py,
# "dns": {"program": TEXT OF dns.py, "servers": [ADDRESS...], "name", "asks", "seconds"}}.
# That end prints JSON: {"legs": [{"of": "host" or "pod", "round", "send", "ask": WHAT path.py PRINTED}...],
# "pathMtu": BYTES, "dns": [{"server"} AND WHAT dns.py PRINTED...]}.
set -euo pipefail

input=$(cat)
of() { jq -r ".$1" <<<"$input"; }
port=$(of port)
program=$(of program)

# The network namespace of the pod on this node.
netns() {
  local sandbox
  sandbox=$(crictl --runtime-endpoint unix:///run/containerd/containerd.sock pods --quiet --state Ready \
    --namespace "$(of namespace)" --name "^$(of pod)\$" | head -n 1)
  [[ -n $sandbox ]] || { echo "no sandbox of pod $(of pod) runs here" >&2; return 1; }
  crictl --runtime-endpoint unix:///run/containerd/containerd.sock inspectp --output json "$sandbox" |
    jq -er '.info.runtimeSpec.linux.namespaces[] | select(.type == "network") | .path'
}
pod=$(netns)

# in_place PLACE ARGUMENTS...: runs path.py on the node itself or in the pod's network.
in_place() {
  local place=$1
  shift
  case $place in
    host) python3 -IS -c "$program" "$@" ;;
    pod) nsenter --net="$pod" python3 -IS -c "$program" "$@" ;;
  esac
}

serve() {
  for place in host pod; do
    in_place "$place" serve "$(of "ends.$place.to")" "$port" "$(of "ends.$place.from")" "$(of seconds)" &
  done
  wait
}

# A place that doesn't answer is told by its legs alone.
leg() {
  local place=$1 round=$2 to sent asked
  to=$(of "ends.$place.to")
  if sent=$(in_place "$place" send "$to" "$port" "$(of sendSeconds)" 2>&1) &&
    asked=$(in_place "$place" ask "$to" "$port" "$(of asks)" "$(of askSeconds)" 2>&1); then
    jq -nc '$ARGS.named' --arg of "$place" --argjson round "$round" --argjson send "$sent" --argjson ask "$asked"
  else
    jq -nc '$ARGS.named' --arg of "$place" --argjson round "$round" --arg problem "$(tail -n 1 <<<"${asked:-$sent}")"
  fi
}

legs() {
  local round
  for ((round = 1; round <= $(of rounds); round++)); do
    # Host, pod, pod, host: what changes during a round changes both.
    leg host "$round"
    leg pod "$round"
    leg pod "$round"
    leg host "$round"
  done
  for place in host pod; do in_place "$place" end "$(of "ends.$place.to")" "$port" 2>/dev/null || true; done
}

names() {
  local server
  for server in $(of 'dns.servers[]'); do
    nsenter --net="$pod" python3 -IS -c "$(of dns.program)" \
      "$server" "$(of dns.name)" "$(of dns.asks)" "$(of dns.seconds)" | jq -c --arg server "$server" '{$server} + .'
  done
}

if [[ $(of serve) = true ]]; then
  serve
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  legs >"$work/legs"
  names >"$work/dns"
  jq -n '$ARGS.named' --slurpfile legs "$work/legs" --slurpfile dns "$work/dns" \
    --argjson pathMtu "$(python3 -IS -c "$(of pathMtu)" "$(of mtu)" "$(of ends.host.to)")"
fi
