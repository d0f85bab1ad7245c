#!/usr/bin/env bash
# Prints what this node is and does right now, as JSON: {NAME: {status, stdout, stderr}}. It judges nothing and changes
# nothing; a command that fails is a reading too.
# Reads {"sysctls": [KEY...], "seconds": LENGTH OF THE CPU SAMPLE, "cluster": WHETHER TO ASK THE API SERVER TOO}.
# Takes `reading` and `readings` from reading.sh.
set -euo pipefail

input=$(cat)
mapfile -t sysctls < <(jq -r '.sysctls[]' <<<"$input")

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

# The clock, and when each certificate of this node ends: PATH notAfter=TIME. Most kubeconfigs hold one, the kubelet's
# names a file.
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
  local calico=ippools.crd.projectcalico.org,blockaffinities.crd.projectcalico.org
  kubectl get --all-namespaces --output json "nodes,pods,services,endpointslices,networkpolicies,$calico" | jq -c '
    def of($kinds): .items | map(select(.kind | IN($kinds[])));
    def ready: any(.status.conditions[]?; .type == "Ready" and .status == "True");
    # An EndpointSlice has a name of its own, and says in a label which Service it belongs to.
    def service: .metadata.labels["kubernetes.io/service-name"] // .metadata.name;
    {
      nodes: of(["Node"])
        | map({name: .metadata.name, ready: ready, version: .status.nodeInfo.kubeletVersion}),
      pods: of(["Pod"])
        | map(select(.metadata.deletionTimestamp == null))
        | map({namespace: .metadata.namespace, name: .metadata.name, node: .spec.nodeName,
            phase: .status.phase, ready: ready}),
      services: of(["Service", "EndpointSlice"])
        | map(select(service | IN("kubernetes", "kube-dns")))
        | map({kind, namespace: .metadata.namespace, service: service, address: .spec.clusterIP,
            ports: (.ports // .spec.ports // [] | map({name, protocol, port})),
            endpoints: [.endpoints[]? | select(.conditions.ready != false) | .addresses[]]}),
      policies: of(["NetworkPolicy"]) | map({namespace: .metadata.namespace, name: .metadata.name, spec}),
      pools: of(["IPPool"]) | map({name: .metadata.name} + .spec),
      blocks: of(["BlockAffinity"]) | map(.spec)
    }'
}

# Loaded ones, and those that the kernel has built in.
modules() {
  ls -1 /sys/module
  local builtin
  builtin=/lib/modules/$(uname -r)/modules.builtin
  if [[ -e $builtin ]]; then sed -E 's#.*/##; s/\.ko$//; s/-/_/g' "$builtin"; fi
}

export -f modules bird proxy_mode cgroup_driver certificates cluster
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}

everything() {
  reading cpuBefore grep '^cpu ' /proc/stat

  reading kernel uname -r
  reading bootId cat /proc/sys/kernel/random/boot_id
  reading uptime cat /proc/uptime
  reading hostname hostname
  reading links ip -j -d address
  reading routes ip -j route show proto bird
  reading proxyMode proxy_mode
  reading ipvs ipvsadm -Sn
  reading modules modules
  reading sysctls sysctl -- "${sysctls[@]}"
  reading containerd cgroup_driver
  reading bird bird show protocols all
  reading cniConfig cat /etc/cni/net.d/10-calico.conflist
  reading cniMtu cat /var/lib/calico/mtu
  reading certificates certificates
  if jq -e .cluster <<<"$input" >/dev/null; then reading cluster cluster; fi

  sleep "$(jq .seconds <<<"$input")"
  reading cpuAfter grep '^cpu ' /proc/stat
}

# The reading of the cluster becomes six, one for each list in it. When it failed, so have the six.
readings everything | jq '
  .cluster as $all
  | if $all == null then .
    elif $all.status == 0 then . + ($all.stdout | fromjson | map_values({status: 0, stdout: tojson, stderr: ""}))
    else . + (["nodes", "pods", "services", "policies", "pools", "blocks"] | map({(.): $all}) | add)
    end
  | del(.cluster)'
