#!/usr/bin/env bash
# Waits until a node that answers has booted completely as the one it should be, and puts etcd's disk in its place.
#
# stdin: {"name", "etcdDisk"}
set -euo pipefail

wanted=$(cat)
name=$(jq -er .name <<<"$wanted")
deadlineSeconds=300

fail() {
  echo "node $name: $1" >&2
  exit 1
}

# Returns when no start-up job is left; `degraded` where a unit failed on the way.
state=$(timeout "$deadlineSeconds" systemctl is-system-running --wait) || [[ $state = degraded ]] ||
  fail "not up ${deadlineSeconds} s after SSH answered (${state:-starting}); systemctl list-jobs"
if [[ $state = degraded ]]; then
  fail "these units failed at boot: $(systemctl list-units --failed --plain --no-legend | awk '{print $1}' | paste -sd ' '); journalctl -u <unit>"
fi
[[ $(hostname) = "$name" ]] || fail "calls itself $(hostname); cloud-init did not find its seed: journalctl -u cloud-init-local"

# Enabling reloads systemd's units, so only once.
if [[ $(jq .etcdDisk <<<"$wanted") = true && $(systemctl is-enabled var-lib-etcd.mount) != enabled ]]; then
  systemctl enable --now --quiet var-lib-etcd.mount
fi
uptime --pretty
