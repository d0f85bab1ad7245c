#!/usr/bin/env bash
# Makes nodes route reflectors of Calico's, and no others: one after the other, each once its sessions stand and every node
# has all routes by it. The mesh of nodes goes on meanwhile; only sessions of the node in question change hands. Runs on a
# control plane. Reads
#   {"reflectors": [NAMES], "clusterId": "244.0.0.1"}
# With $1 = delete none is one any more: they join the mesh again, once it stands among the others. Safe to run again.
set -euo pipefail
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
source kubeadm/speakers.sh
request=$(cat)
of() { jq -r "$1" <<<"$request"; }
label=kjerne.io/route-reflector
annotation=projectcalico.org/RouteReflectorClusterID
seconds=300

reflecting() { kubectl get nodes --selector "$label=true" --output 'jsonpath={range .items[*]}{.metadata.name}{"\n"}{end}'; }

# lacks_sessions NODE POD ADDRESSES: those of the addresses with which this node has no session that stands.
lacks_sessions() {
  local established
  established=$(bird "$2" show protocols | sed -nE 's/^(Mesh|Node|Global)_([0-9_]+) +BGP .*Established.*/\2/p' | tr _ . || true)
  comm -23 <(printf '%s\n' "${@:3}" | sort) <(sort <<<"$established") | sed "s/^/$1 has no session with /"
}

# lacks_routes NODE POD ADDRESS: blocks of pods' addresses to which the session with a reflector gives this node no route.
lacks_routes() {
  local session routes blocks
  blocks=$(kubectl get blockaffinities.crd.projectcalico.org --output json) || { echo "the API server does not answer"; return; }
  session=$(bird "$2" show protocols | grep -oE "(Node|Global)_${3//./_}\b" | head -1 || true)
  routes=$(bird "$2" show route protocol "${session:-none}" | grep -oE '[0-9]+(\.[0-9]+){3}/[0-9]+' || true)
  jq -r --arg node "$1" '.items[].spec | select(.node != $node and .state == "confirmed" and .deleted != "true") | .cidr' <<<"$blocks" |
    sort -u | comm -23 - <(sort -u <<<"$routes") | sed "s/^/$1 has no route by $3 to /"
}
export -f bird lacks_sessions lacks_routes

# until_none WHAT COMMAND…: the command prints what is lacking.
until_none() {
  local found deadline=$((SECONDS + seconds))
  while found=$("${@:2}"); [[ -n $found ]]; do
    if ((SECONDS > deadline)); then
      printf '%s\n' "$1 after $((seconds / 60)) minutes: $(paste -sd ';' <<<"$found"). The mesh of nodes goes on. See on that node: sudo kubectl --namespace kube-system logs DaemonSet/calico-node; then run pulumi up again" >&2
      exit 1
    fi
    sleep 2
  done
}

sessions_of() { # NODE, with all others
  local all line
  all=$(speakers) || { echo "the API server does not answer"; return; }
  line=$(grep "^$1 " <<<"$all") || return 0
  read -r _ _ pod <<<"$line"
  mapfile -t others < <(grep -v "^$1 " <<<"$all" | cut -d ' ' -f 2)
  if ((${#others[@]} > 0)); then lacks_sessions "$1" "$pod" "${others[@]}"; fi
}

routes_by() { # REFLECTOR, on all others
  local all address
  all=$(speakers) || { echo "the API server does not answer"; return; }
  address=$(grep "^$1 " <<<"$all" | cut -d ' ' -f 2)
  # shellcheck disable=SC2016  # for the shell that xargs starts
  grep -v "^$1 " <<<"$all" | xargs --no-run-if-empty --max-procs 8 --max-lines=1 bash -uc 'lacks_routes "$1" "$3" "$0"' "$address"
}

mesh_without() { # REFLECTORS
  local all name pod rest
  all=$(speakers) || { echo "the API server does not answer"; return; }
  rest=$(grep -vE "^($(paste -sd '|' <<<"$1")) " <<<"$all" || true)
  [[ -n $rest ]] || return 0
  while read -r name _ pod; do
    mapfile -t others < <(grep -v "^$name " <<<"$rest" | cut -d ' ' -f 2)
    if ((${#others[@]} > 0)); then lacks_sessions "$name" "$pod" "${others[@]}" </dev/null; fi
  done <<<"$rest"
}

mark() { # NODE VALUE-OR-null CLUSTER-ID-OR-null
  local patch
  patch=$(jq -nc --arg key "$label" --arg note "$annotation" --argjson value "$2" --argjson id "$3" \
    '{metadata: {labels: {($key): $value}, annotations: {($note): $id}}}')
  kubectl patch node "$1" --type merge --patch "$patch" >&2
}

now=$(reflecting)
if [[ ${1:-create} == delete ]]; then
  until_none "the mesh does not stand" mesh_without "$now"
  wanted=
else
  wanted=$(of '.reflectors[]')
fi
all=$(speakers)
if [[ -n $wanted && -n $all ]] && ! grep --quiet --fixed-strings --line-regexp --file <(cut -d ' ' -f 1 <<<"$all") <<<"$wanted"; then
  echo "none of $(paste -sd ' ' <<<"$wanted") is Ready with calico-node, so nobody would reflect. The mesh of nodes goes on. Name nodes that run, or start one of these" >&2
  exit 1
fi
while read -r name; do
  [[ -n $name ]] || continue
  mark "$name" '"true"' "$(of '.clusterId | tojson')"
  # It begins when it runs, beside those that do.
  if ! grep --quiet "^$name " <<<"$all"; then continue; fi
  until_none "$name does not reflect" sessions_of "$name"
  until_none "$name does not reflect" routes_by "$name"
done < <(comm -13 <(sort <<<"$now") <(sort <<<"$wanted"))
while read -r name; do
  [[ -n $name ]] || continue
  mark "$name" null null
  # Where others reflect, it has sessions with these alone.
  if [[ -z $wanted ]]; then until_none "$name is not in the mesh" sessions_of "$name"; fi
done < <(comm -23 <(sort <<<"$now") <(sort <<<"$wanted"))
