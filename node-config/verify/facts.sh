#!/usr/bin/env bash
# Prints what this node is and does right now, as JSON: {NAME: {status, stdout, stderr}}. It judges nothing and changes
# nothing; a command that fails is a fact too.
# Reads {"sysctls": [KEY...], "seconds": LENGTH OF THE CPU SAMPLE, "cluster": WHETHER TO ASK THE API SERVER TOO}.
set -euo pipefail

answers=$(mktemp -d)
trap 'rm -rf "$answers"' EXIT
input=$(cat)
mapfile -t sysctls < <(jq -r '.sysctls[]' <<<"$input")

# fact NAME COMMAND...: what the command said, within half a minute.
fact() {
  local name=$1 status=0
  shift
  timeout 30 bash -o pipefail -c '"$@"' fact "$@" >"$answers/$name.out" 2>"$answers/$name.err" || status=$?
  jq -n --arg name "$name" --argjson status "$status" \
    --rawfile stdout "$answers/$name.out" --rawfile stderr "$answers/$name.err" \
    '{($name): {$status, $stdout, $stderr}}' >"$answers/$name.json"
}

# BIRD's control socket talks in numbered lines; 0000 and above 8000 end an answer.
bird() {
  local line
  coproc SOCKET { socat - UNIX-CONNECT:/var/run/calico/bird.ctl; }
  echo "$*" >&"${SOCKET[1]}"
  while IFS= read -r line <&"${SOCKET[0]}"; do
    printf '%s\n' "$line"
    [[ $line =~ ^(0000|[89][0-9]{3})([^-]|$) ]] && return
  done
  return 1
}

# kube-proxy's answer with its HTTP header: a node needs no curl.
proxy_mode() {
  printf 'GET /proxyMode HTTP/1.0\r\n\r\n' | socat -t 5 - TCP4:127.0.0.1:10249
}

# Only what is asked for: the whole configuration can hold the passwords of registries.
cgroup_driver() {
  crictl --runtime-endpoint unix:///run/containerd/containerd.sock info |
    jq '.config.containerd | .runtimes[.defaultRuntimeName].options | {SystemdCgroup}'
}

# What the API server holds, read once: each kubectl is a large program that starts anew.
everything() {
  kubectl get --all-namespaces --output json \
    nodes,pods,services,endpointslices,ippools.crd.projectcalico.org,blockaffinities.crd.projectcalico.org
}

# listed KINDS FILTER: what of that has one of these kinds, cut down to what is judged.
listed() {
  if [[ ! -s $cluster ]]; then
    cat "$answers/everything.err" >&2
    return 1
  fi
  jq -c --arg kinds "$1" "[.items[] | select(.kind | IN(\$kinds | splits(\",\")))] | map($2)" "$cluster"
}
export -f bird proxy_mode cgroup_driver everything listed
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}

fact cpuBefore grep '^cpu ' /proc/stat

fact kernel uname -r
fact bootId cat /proc/sys/kernel/random/boot_id
fact uptime cat /proc/uptime
fact hostname hostname
fact links ip -j -d address
fact routes ip -j route show proto bird
fact proxyMode proxy_mode
fact ipvs ipvsadm -Sn
fact modules ls -1 /sys/module
fact sysctls sysctl -- "${sysctls[@]}"
fact containerd cgroup_driver
fact bird bird show protocols all
fact cniConfig cat /etc/cni/net.d/10-calico.conflist
fact cniMtu cat /var/lib/calico/mtu

if jq -e .cluster <<<"$input" >/dev/null; then
  ready='any(.status.conditions[]?; .type == "Ready" and .status == "True")'
  fact everything everything
  export answers cluster=$answers/everything.out
  fact nodes listed Node "{name: .metadata.name, ready: $ready, version: .status.nodeInfo.kubeletVersion}"
  fact pods listed Pod "select(.metadata.deletionTimestamp == null) | {namespace: .metadata.namespace, name: .metadata.name, node: .spec.nodeName,
    phase: .status.phase, ready: $ready}"
  named='select(IN(.metadata.labels["kubernetes.io/service-name"] // .metadata.name; "kubernetes", "kube-dns"))'
  fact services listed Service,EndpointSlice "$named | {kind, namespace: .metadata.namespace,
    service: (.metadata.labels[\"kubernetes.io/service-name\"] // .metadata.name), address: .spec.clusterIP,
    ports: (.ports // .spec.ports | map({name, protocol, port})),
    endpoints: [.endpoints[]? | select(.conditions.ready != false) | .addresses[]]}"
  fact pools listed IPPool '{name: .metadata.name} + .spec'
  fact blocks listed BlockAffinity '.spec'
fi

sleep "$(jq .seconds <<<"$input")"
fact cpuAfter grep '^cpu ' /proc/stat
rm -f "$answers/everything.json"
jq -s add "$answers"/*.json
