#!/bin/sh
# What somebody with a shell in a pod and no privileges tries. Prints a line for each try: "open" or "refused", a tab, and
# what was tried. Needs agnhost and busybox. In the environment: OWN, the address of the pod's node; CONTROL_PLANE and
# WORKER, addresses of other nodes; HYPERVISOR; ROUTER; API and DNS, the two Services' addresses; POD, the address of a pod
# that nobody allowed this one to reach; OUTSIDE, ADDRESS:PORT of a server beyond the cluster.
set -u
token=$(cat /var/run/secrets/kubernetes.io/serviceaccount/token 2>/dev/null)

try() {
  what=$1
  shift
  if timeout 10 "$@" >/dev/null 2>&1; then echo "open	$what"; else echo "refused	$what"; fi
}
# All at once, since each takes the whole five seconds where nothing answers.
tcp() { try "connect to $1 ($2)" ./agnhost connect "$1" --timeout=5s & }
# An answer that has the words, not just an answer.
answers() { wget -q -O - --no-check-certificate --header "Authorization: Bearer $token" "$1" | grep -q "$2"; }

# Without these, everything below would be refused for want of a network.
./agnhost connect "$API:443" --timeout=10s || { echo "this pod reaches no API server" >&2; exit 1; }
nslookup -type=a kubernetes.default.svc.cluster.local "$DNS" >/dev/null || { echo "this pod has no DNS" >&2; exit 1; }

for port in 22:ssh 179:BGP 10250:kubelet 10256:kube-proxy; do
  for node in "$OWN" "$CONTROL_PLANE" "$WORKER"; do tcp "$node:${port%:*}" "${port#*:}"; done
done
for port in 2379:etcd 2380:etcd-peer 10257:controller-manager 10259:scheduler; do tcp "$CONTROL_PLANE:${port%:*}" "${port#*:}"; done
# Addresses of Services lie on each node's kube-ipvs0, and the node's own programs listen on every address.
for service in "$API" "$DNS"; do
  for port in 22 179 10250 10256; do tcp "$service:$port" "the node's own port behind a Service's address"; done
done
# Calico gives the node's end of every pod's link this address.
for port in 22 179 10250 10256; do tcp "[fe80::ecee:eeff:feee:eeee%eth0]:$port" "the node over IPv6"; done
tcp "169.254.1.1:22" "the pod's gateway"
tcp "169.254.169.254:80" "the provider's metadata"
tcp "[fd00:ec2::254%eth0]:80" "the provider's metadata over IPv6"
tcp "$HYPERVISOR:22" "the hypervisor's ssh"
tcp "$ROUTER:22" "the router's ssh"
tcp "$ROUTER:179" "the router's BGP"
tcp "$POD:8080" "a pod that nobody opened to this one"
tcp "$DNS:9153" "CoreDNS's metrics"
tcp "$OUTSIDE" "a server beyond the cluster"
wait

for path in api/v1/secrets api/v1/namespaces/kube-system/configmaps api/v1/nodes apis/rbac.authorization.k8s.io/v1/clusterroles \
  api/v1/namespaces/kube-system/pods; do
  try "read /$path with its ServiceAccount" answers "https://$API/$path" '"items"'
done
try "read the API server's profile" answers "https://$API/debug/pprof/" heap
try "read the API server's metrics" answers "https://$API/metrics" apiserver_

try "read the node's disk" ls /proc/1/root/etc/kubernetes
try "read the node's shadow file" cat /host/etc/shadow
try "mount a file system" mount -t tmpfs none /mnt
try "make a device" mknod /tmp/disk b 8 0
try "enter namespaces of process 1" nsenter -t 1 -n true
try "make a user namespace with a network" unshare -Un ip link add dummy0 type dummy
try "write a kernel setting" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
try "change its own address" ip address add 10.77.0.99/24 dev eth0
try "send raw packets" ping -c 1 -W 2 "$CONTROL_PLANE"
try "become root" su -c true
