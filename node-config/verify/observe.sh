#!/usr/bin/env bash
# Prints what this node is and does right now, as JSON: {NAME: {status, stdout, stderr}}. It judges nothing and changes
# nothing; a command that fails is a fact too.
# Reads {"sysctls": [KEY...], "seconds": LENGTH OF THE CPU SAMPLE, "cluster": WHETHER TO ASK THE API SERVER TOO}.
set -euo pipefail

answers=$(mktemp -d)
trap 'rm -rf "$answers"' EXIT
input=$(cat)
mapfile -t sysctls < <(jq -r '.sysctls[]' <<<"$input")

# fact NAME COMMAND...: what the command said, within two minutes: half a one was too short beside another lab.
names=()
fact() {
  local name=$1 status=0
  shift
  timeout 120 bash -o pipefail -c '"$@"' fact "$@" >"$answers/$name.stdout" 2>"$answers/$name.stderr" || status=$?
  echo "$status" >"$answers/$name.status"
  names+=("$name")
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

# The clock, and when each certificate of this node ends: PATH notAfter=TIME. Most kubeconfigs hold one, the kubelet's names
# a file.
certificates() {
  local file data
  end_of() { openssl x509 -noout -enddate -dateopt iso_8601; }
  date --utc '+%F %TZ'
  for file in /etc/kubernetes/pki/{,etcd/}*.crt /var/lib/kubelet/pki/*-current.pem; do
    [[ -e $file ]] || continue
    echo "$file $(end_of <"$file")"
  done
  for file in /etc/kubernetes/{,kjerne/}*.conf; do
    [[ -e $file ]] || continue
    data=$(sed -n 's/^ *client-certificate-data: //p' "$file")
    [[ -z $data ]] || echo "$file $(base64 -d <<<"$data" | end_of)"
  done
}

# What the API server holds, cut down to what is judged. All of it at once: each kubectl is a large program that starts
# anew, and each jq reads it all.
cluster() {
  kubectl get --all-namespaces --output json \
    nodes,pods,services,endpointslices,networkpolicies,ippools.crd.projectcalico.org,blockaffinities.crd.projectcalico.org |
    jq -c 'def ready: any(.status.conditions[]?; .type == "Ready" and .status == "True");
      def of($kinds): [.items[] | select(.kind | IN($kinds[]))];
      {
        nodes: of(["Node"]) | map({name: .metadata.name, ready: ready, version: .status.nodeInfo.kubeletVersion}),
        pods: of(["Pod"]) | map(select(.metadata.deletionTimestamp == null)
          | {namespace: .metadata.namespace, name: .metadata.name, node: .spec.nodeName, phase: .status.phase, ready: ready}),
        services: of(["Service", "EndpointSlice"]) | map(
          (.metadata.labels["kubernetes.io/service-name"] // .metadata.name) as $service
          | select($service | IN("kubernetes", "kube-dns"))
          | {kind, namespace: .metadata.namespace, $service, address: .spec.clusterIP,
            ports: (.ports // .spec.ports // [] | map({name, protocol, port})),
            endpoints: [.endpoints[]? | select(.conditions.ready != false) | .addresses[]]}),
        policies: of(["NetworkPolicy"]) | map({namespace: .metadata.namespace, name: .metadata.name, spec}),
        pools: of(["IPPool"]) | map({name: .metadata.name} + .spec),
        blocks: of(["BlockAffinity"]) | map(.spec)
      }'
}
export -f bird proxy_mode cgroup_driver certificates cluster
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
fact certificates certificates

if jq -e .cluster <<<"$input" >/dev/null; then fact cluster cluster; fi

sleep "$(jq .seconds <<<"$input")"
fact cpuAfter grep '^cpu ' /proc/stat

files=()
for name in "${names[@]}"; do
  for part in status stdout stderr; do files+=(--rawfile "$name.$part" "$answers/$name.$part"); done
done
# The answer about the cluster becomes one for each thing in it; when it could not be had, none of them could.
jq -n "${files[@]}" '
  def apart: if .status == 0 then .stdout | fromjson | map_values({status: 0, stdout: tojson, stderr: ""})
    else . as $failed | reduce ("nodes", "pods", "services", "policies", "pools", "blocks") as $name ({}; .[$name] = $failed) end;
  reduce ($ARGS.named | to_entries[]) as {$key, $value} ({}; setpath($key / "."; $value)) | map_values(.status |= tonumber)
  | if .cluster then del(.cluster) + (.cluster | apart) else . end'
