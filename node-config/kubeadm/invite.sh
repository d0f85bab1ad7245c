#!/usr/bin/env bash
# Lets the control plane that starts clusters into the one that there is already: its machine was made anew, or its name
# sorts before those of the others. Runs on the other control planes, one after the other, before init.sh on that one, and reads
#   {"name", "address", "instance", "token", "certificates": YAML, "caHash": what one before has printed}
# Prints the hash of the CA's public key, which the other one pins; nothing where this machine has no cluster either. The
# token is valid for half an hour. Safe to run again.
set -euo pipefail
umask 077
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
source kubeadm/membership.sh
source kubeadm/ca-hash.sh

if [[ -n $(of .caHash) ]]; then
  of .caHash
  exit
fi
if [[ ! -e /var/lib/kjerne/joined && ! -e /var/lib/kjerne/control-plane ]]; then exit 0; fi

# A cluster that gives no answer is there all the same: nobody may start a second one.
deadline=$((SECONDS + 300))
until now=$(node '.metadata.annotations.kjerne\.io/instance'); do
  if ((SECONDS > deadline)); then
    echo "$(hostname) is in a cluster whose API does not answer by kubernetes.endpoint, so $name can't join it. Nothing was changed. See: journalctl -u kubelet, crictl ps -a; where etcd has lost its majority, docs/operations.md says how a backup is restored" >&2
    exit 1
  fi
  sleep 2
done

serves() { timeout 5 bash -c "exec 3<>/dev/tcp/$(of .address)/6443" 2>/dev/null; }

if [[ $now != "$instance" ]]; then
  # Also what a join that was cut off has left. One that serves is a member of etcd: it has started the cluster from a
  # backup, for one.
  if ! serves; then forget; fi
  declare "$(of '{(.name): .address} | tojson')"
  upload_certificates
  token_secret | kubectl apply --server-side --filename - >&2
fi
ca_hash
