#!/usr/bin/env bash
# Undoes adopt.sh and what was put on the machine since: the node's Kubernetes, its files, rules, packages and kernel
# settings. Says what stays. Touches nothing on a machine that is not a node of this cluster. Safe to run again.
#
# stdin: {"cluster", "name", "places": [], …} as adopt.sh had it
set -euo pipefail

wanted=$(cat)
of() { python3 -I -c 'import json, sys; value = json.load(sys.stdin)[sys.argv[1]]; print(value if isinstance(value, str) else "\n".join(value))' "$1" <<<"$wanted"; }
memory=/var/lib/kjerne/machine
cluster=$(of cluster)
rm -rf --one-file-system /var/lib/kjerne.released-* # of a run that was cut off at its last step
# The lock of adopt.sh. Who waited for it while another run released the machine finds nothing to do.
if [[ -d $memory ]]; then
  exec 9>"$memory/.lock"
  flock 9
fi
if [[ ! -e $memory/cluster || $(<"$memory/cluster") != "$cluster" ]]; then
  echo "this machine is no node of $cluster; nothing to release"
  exit 0
fi
# The last list that adopt.sh writes before it changes anything. Without the lists, every package would look like kjerne's.
if [[ ! -e $memory/sysctls ]]; then
  rm -rf --one-file-system /var/lib/kjerne
  echo "nothing had changed on this machine yet"
  exit 0
fi
has() { command -v "$1" >/dev/null; }

# A card that a pod has for itself would come back under the name that it has there. The plugin host-device keeps the card's
# own as its alias.
give_cards_back() {
  local card own
  while IFS=$'\t' read -r card own; do
    ip -n "$1" link set "$card" down
    ip -n "$1" link set "$card" name "$own"
    ip -n "$1" link set "$own" netns $$
  done < <(ip -n "$1" -json link show | jq -r '.[] | select(.ifalias) | [.ifname, .ifalias] | @tsv')
}

# Not by `kubeadm reset`: to end a pod it asks Calico, and Calico the API server, which may be gone. The node's member of
# etcd has left with the node, or the cluster ends as a whole.
stop_kubernetes() {
  local unit namespace
  for unit in kjerne-backup.timer kjerne-verify.timer kjerne-verify kjerne-csr-approver kubelet containerd kjerne-sysctl-floors kjerne-doors kjerne-fabric; do
    if systemctl cat "$unit" &>/dev/null; then systemctl disable --now --quiet "$unit"; fi
  done
  # Not there once a trial of the table has ended; the table itself goes with the network.
  if systemctl is-active --quiet kjerne-doors-undo.timer; then systemctl stop kjerne-doors-undo.timer; fi
  rm -rf /run/kjerne-doors /run/kjerne-fabric /run/kjerne-verify
  # Containers and their shims outlive containerd.
  if systemctl is-active --quiet kubepods.slice; then
    systemctl kill --signal KILL kubepods.slice
    systemctl stop kubepods.slice
  fi
  pkill --signal KILL --full '^[^ ]*containerd-shim-runc-v2 -namespace k8s.io ' || [[ $? = 1 ]] # none
  for namespace in $(ip netns list | awk '/^cni-/ {print $1}'); do
    attempt "cards in the network of a pod, $namespace" give_cards_back "$namespace"
    ip netns delete "$namespace"
  done
}

# Rules and interfaces of kube-proxy and Calico; what the machine had of its own stays.
clear_network() {
  local command link table set
  for link in $(ip -brief link | awk '{print $1}' | grep -E '^(cali|kube-ipvs0|nodelocaldns)'); do
    attempt "interface ${link%%@*}" ip link delete "${link%%@*}"
  done
  ip route flush proto bird
  for command in iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy; do
    if has "$command-save"; then attempt "rules of $command that are Calico's or kube-proxy's" clear_rules "$command"; fi
  done
  if has nft && [[ -e $memory/nft-tables ]]; then
    while read -r table; do attempt "nft $table" nft delete "$table"; done < <(nft list tables | grep -vFxf "$memory/nft-tables" || true)
  fi
  if has ipset; then
    while read -r set; do attempt "ipset $set" ipset destroy "$set"; done < <(ipset list -name | grep -E '^(cali|KUBE)' || true)
  fi
}

# All tables at once: a restore that fails changes none of them.
clear_rules() {
  local rules
  rules=$("$1-save") || return
  grep -qE '(cali|KUBE)-' <<<"$rules" || return 0
  { grep -vE '(cali|KUBE)-' <<<"$rules" || true; } | "$1-restore"
}

# attempt WHAT COMMAND...: when the command fails, WHAT stays, with the reason, and the release goes on.
attempt() {
  local what=$1 reason
  shift
  reason=$("$@" 2>&1 >/dev/null) || stays+=("$what: $(tail -n 1 <<<"${reason:-no reason given}")")
}

remove_files() {
  local path paths=()
  mapfile -t paths <"$memory/absent"
  rm -rf --one-file-system "${paths[@]}"
  if compgen -G '/var/lib/kjerne/files/*.json' >/dev/null; then
    mapfile -t -O "${#paths[@]}" paths < <(
      python3 -I -c 'import json, sys; [print(path) for file in sys.argv[1:] for path in json.load(open(file))["paths"]]' /var/lib/kjerne/files/*.json)
  fi
  for path in "${paths[@]}"; do
    rm -f "$path"
    # Directories that came with it.
    until path=$(dirname "$path") && grep -Fxq "$path" "$memory/directories" || [[ $path = / ]]; do
      rmdir "$path" 2>/dev/null || break
    done
  done
  systemctl daemon-reload
  systemctl reset-failed
}

# The login of the verification, and its metrics among those of others.
forget_verification() {
  local metrics=/var/lib/prometheus/node-exporter
  # Not somebody else's of that name, whom systemd-sysusers left as he was.
  if [[ $(getent passwd kjerne-look | cut -d : -f 6) = /var/lib/kjerne-look ]]; then
    attempt "user kjerne-look" userdel kjerne-look
    stays+=("copies that userdel keeps, /etc/passwd- and /etc/shadow-")
  fi
  rm -f "$metrics"/kjerne-verification.prom{,.new}
  if [[ -d $metrics ]] && ! dpkg --search "$metrics" &>/dev/null; then
    rmdir --parents --ignore-fail-on-non-empty "$metrics"
  fi
}

hosts() {
  # One name for all runs: what a killed one left is used and gone.
  local new=/etc/hosts.kjerne-new
  sed '/^# kjerne: begin$/,/^# kjerne: end$/d' /etc/hosts >"$new"
  chmod --reference=/etc/hosts "$new"
  mv "$new" /etc/hosts
}

# Packages that were not there before and whose state in dpkg's words matches.
packages_since() {
  dpkg-query --show --showformat='${db:Status-Abbrev}\t${Package}\n' |
    awk -F '[\t=]' -v state="$1" 'NR == FNR {found[$1]; next} $1 ~ state && !($2 in found) {print $2}' "$memory/packages" - | sort
}

# Those that kjerne's runs of apt installed, and of these only what nothing else on the machine has come to need.
remove_packages() {
  local own others upgraded added
  own=$(packages_since '^.[^n]')
  # No such list where an older kjerne took the machine, and this one never did.
  if [[ -e $memory/own-packages ]]; then own=$(comm -12 "$memory/own-packages" - <<<"$own"); fi
  others=$(packages_since '^.i' | comm -13 <(echo "$own") - | paste -sd ' ')
  [[ -z $others ]] || stays+=("packages that somebody else installed: $others")
  mapfile -t added < <(sed '/^$/d' <<<"$own")
  ((${#added[@]} > 0)) || return 0
  apt-mark unhold "${added[@]}" >/dev/null
  DEBIAN_FRONTEND=noninteractive dpkg --purge "${added[@]}" >&2 ||
    # It fails for those that are gone.
    stays+=("packages that something else has come to need: $(dpkg-query --show --showformat='${Package} ' "${added[@]}" 2>/dev/null || true)")
  upgraded=$(dpkg-query --show --showformat='${Package}=${Version}\n' |
    awk -F = 'NR == FNR {was[$1] = $0; next} $1 in was && was[$1] != $0' "$memory/packages" - | paste -sd ' ')
  [[ -z $upgraded ]] || stays+=("newer packages, which Kubernetes needed: $upgraded")
  local groups
  groups=$(cut -d : -f 1 /etc/group | grep -vFxf "$memory/groups" | paste -sd ' ' || true)
  [[ -z $groups ]] || stays+=("groups that packages made: $groups")
}

# What this machine had before; a key that is gone or that nobody can write is passed over.
restore_sysctls() {
  local key value path now
  while IFS='=' read -r key value; do
    key=${key% } value=${value# }
    path=/proc/sys/$(tr ./ /. <<<"$key")
    now=$(sysctl --values "$key" 2>/dev/null || echo "$value")
    if [[ $now = "$value" || ! -w $path ]]; then continue; fi
    attempt "kernel setting $key = $now, which was $value" sysctl --quiet --write "$key=$value"
  done < <(grep -vE '^net\.(ipv[46]\.(conf|neigh)\.(cali|kube-ipvs)|netfilter\.nf_conntrack_count)' "$memory/sysctls")
}

stays=("kernel modules, until the next boot" "what containers wrote into the journal")
if [[ -s /var/lib/kjerne/volumes ]]; then stays+=("files in volumes: $(paste -sd ' ' /var/lib/kjerne/volumes)"); fi
stop_kubernetes
clear_network
forget_verification
hosts
remove_packages
remove_files
mapfile -t places < <(of places)
for place in "${places[@]}"; do
  # Mounts below it that a pod left must not be followed.
  awk -v place="$place/" 'index($2, place) == 1 {print $2}' /proc/mounts | sort --reverse | xargs --no-run-if-empty umount --lazy
  rm -rf --one-file-system "$place"
done
restore_sysctls
# Away as a whole: a run that is cut off here must not find some of the lists.
mv -T /var/lib/kjerne "/var/lib/kjerne.released-$$"
rm -rf --one-file-system "/var/lib/kjerne.released-$$"
printf 'released; what stays: %s\n' "$(printf '%s; ' "${stays[@]}")"
