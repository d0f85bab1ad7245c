#!/usr/bin/env bash
# Whether this machine is ready for the files of a node. Waits for its first boot and puts etcd's disk in its place, where
# kjerne made it; keeps kjerne's lines in /etc/hosts, where it was there before. Refuses a node that is in another
# cluster than the settings describe, before any of that.
#
# stdin: {"cluster", "role", "endpoint": HOST:PORT, "podCidr", "serviceCidr", "boot": {"name", "etcdDisk"} or null,
#         "hosts": [LINE…] or null}
set -euo pipefail

wanted=$(cat)
of() { jq -r "$1" <<<"$wanted"; }

fail() {
  echo "node $(hostname): $1" >&2
  exit 1
}

# Returns when no start-up job is left; `degraded` where a unit failed on the way.
await_boot() {
  local name state seconds=300
  name=$(of .boot.name)
  state=$(timeout "$seconds" systemctl is-system-running --wait) || [[ $state = degraded ]] ||
    fail "not up $seconds s after SSH answered (${state:-starting}); systemctl list-jobs"
  if [[ $state = degraded ]]; then
    fail "these units failed at boot: $(systemctl list-units --failed --plain --no-legend | awk '{print $1}' | paste -sd ' '); journalctl -u <unit>"
  fi
  [[ $(hostname) = "$name" ]] || fail "the machine of $name calls itself $(hostname); cloud-init did not find its seed: journalctl -u cloud-init-local"
  # Enabling reloads systemd's units, so only once.
  if [[ $(of .boot.etcdDisk) = true && $(systemctl is-enabled var-lib-etcd.mount) != enabled ]]; then
    systemctl enable --now --quiet var-lib-etcd.mount
  fi
}

# What init.sh and join.sh write when they are through; before, the node starts over with what the settings ask for.
keep_cluster() {
  local config found role problems=()
  if [[ ! -e /var/lib/kjerne/control-plane && ! -e /var/lib/kjerne/joined ]]; then return; fi
  role=worker
  if [[ -e /etc/kubernetes/manifests/kube-apiserver.yaml ]]; then role=control-plane; fi
  [[ $role = "$(of .role)" ]] ||
    problems+=("it is a $role of the cluster and the settings ask for a $(of .role): take it out of kjerne:nodes, pulumi up, then add it in its new role")
  # A control plane's kubelet asks its own API server; the administrator's configuration has the endpoint.
  config=/etc/kubernetes/kubelet.conf
  if [[ -e /etc/kubernetes/admin.conf ]]; then config=/etc/kubernetes/admin.conf; fi
  found=$(awk '$1 == "server:" { sub("https://", "", $2); print $2 }' "$config")
  [[ $found = "$(of .endpoint)" ]] ||
    problems+=("the cluster is found at $found and the settings ask for $(of .endpoint): every node that has joined asks for the former; put kubernetes.endpoint.host and port back (its address may change)")
  config=/etc/kubernetes/kjerne/kubeadm.yaml
  if [[ -e $config ]]; then
    while read -r setting value asked; do
      [[ $value = "$asked" ]] || problems+=("$setting is $value on the running cluster and the settings ask for $asked: pods, routes and certificates keep the former; put it back")
    done < <(python3 -I -c '
import json, sys, yaml
wanted = json.loads(sys.argv[1])
documents = list(yaml.safe_load_all(open(sys.argv[2])))
[made] = [one for one in documents if one and one["kind"] == "ClusterConfiguration"]
print("name", made["clusterName"], wanted["cluster"])
print("network.podCidr", made["networking"]["podSubnet"], wanted["podCidr"])
print("network.serviceCidr", made["networking"]["serviceSubnet"], wanted["serviceCidr"])' "$wanted" "$config")
  fi
  ((${#problems[@]} == 0)) || fail "$(printf '\n  %s' "${problems[@]}")"
}

# Beside lines of the machine's own.
keep_hosts() {
  local lines others new
  lines=$(of '.hosts[]')
  others=$(sed '/^# kjerne: begin$/,/^# kjerne: end$/d' /etc/hosts)
  new=$(mktemp /etc/hosts.kjerne-XXXXXX)
  # shellcheck disable=SC2064  # the file of now
  trap "rm -f '$new'" EXIT
  chmod --reference=/etc/hosts "$new"
  printf '%s\n# kjerne: begin\n%s\n# kjerne: end\n' "$others" "$lines" >"$new"
  mv "$new" /etc/hosts
}

if [[ $(of .boot) != null ]]; then await_boot; fi
keep_cluster
if [[ $(of .hosts) != null ]]; then keep_hosts; fi
