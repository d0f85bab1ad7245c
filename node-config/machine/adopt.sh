#!/usr/bin/env bash
# Makes a machine that kjerne did not make ready for Kubernetes: packages by apt from the given sources alone, pinned and
# held, and container images by digest. First it writes down what is there, for release.sh. A node of a running cluster
# keeps its Kubernetes and its container runtime. Safe to run again; goes on where it was cut off.
#
# stdin: {"cluster", "name", "packages": ["kubelet=1.36.3-1", …], "held": [], "sources", "images": {NAME: DIGEST},
#         "authorities": PEM, "registries": {PATH: {"content"}}}
# stdout: {"instanceId"}: another one when the machine was made anew.
set -euo pipefail
umask 022
export DEBIAN_FRONTEND=noninteractive

wanted=$(cat)
source machine/software.sh
memory=/var/lib/kjerne/machine
cluster=$(of cluster)

# One cluster at a time, and two that start together are told apart by the file that only one of them makes.
mkdir -p "$memory"
exec 9>"$memory/.lock"
flock 9
if [[ ! -e $memory/cluster ]]; then
  # Whole or not at all: an empty file would name no cluster, and refuse each.
  echo "$cluster" >"$memory/cluster.new"
  mv "$memory/cluster.new" "$memory/cluster"
fi
if [[ $(<"$memory/cluster") != "$cluster" ]]; then
  echo "this machine is a node of $(<"$memory/cluster"), not of $cluster; remove it there first" >&2
  exit 1
fi
if [[ ! -s $memory/node ]]; then of name >"$memory/node"; fi
if [[ $(<"$memory/node") != "$(of name)" ]]; then
  echo "this machine is $(<"$memory/node") of $cluster, not $(of name); take it out of the cluster first" >&2
  exit 1
fi

# Whole or not at all: a list that a killed run left half written must not say what was there before.
remember() {
  local name=$1
  shift
  [[ -e $memory/$name ]] || { "$@" >"$memory/$name.new" && mv "$memory/$name.new" "$memory/$name"; }
}

absent() {
  local place
  for place; do
    if [[ ! -e $place ]]; then echo "$place"; fi
  done
}

# What apt's runs add to (machine/software.sh) begins empty. Where an older kjerne took the machine, it kept no such list.
came_since() { installed | awk -F = 'NR == FNR {found[$1]; next} !($1 in found) {print $1}' "$memory/packages" - | sort; }

remember instance-id cat /proc/sys/kernel/random/uuid
remember packages installed
remember own-packages came_since
remember groups cut -d : -f 1 /etc/group
# Those in which files of a node and traces of programs lie.
remember directories find / -xdev \( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /home -o -path /var \) -prune -o -type d -print
# Places where programs leave something of their own, and which an operator may have as well.
remember absent absent \
  /.kube /root/.kube /opt/containerd /usr/libexec/kubernetes /etc/systemd/logind.conf.d/99-kubelet.conf
remember sysctls bash -c 'sysctl --all 2>/dev/null | grep -E "^(net|vm|kernel\.(panic|keys)|fs\.inotify)" || true'
lacking=$(missing_packages)
left=
if [[ -e /var/lib/kjerne/joined || -e /var/lib/kjerne/control-plane ]]; then
  left=$(grep -E '^(kube|containerd|runc|cri-tools)' <<<"$lacking" || true)
  if [[ -n $left ]]; then
    echo "this node is in a cluster, which gets $(paste -sd ' ' <<<"$left") node by node (upgrade/change.sh)" >&2
    lacking=$(grep -Fxv "$left" <<<"$lacking" || true)
  fi
fi
install_packages "$memory/apt" <<<"$lacking"
rm -rf "$memory/apt"
of held | xargs --no-run-if-empty apt-mark hold >/dev/null
remember nft-tables nft list tables
install -d -m 0700 /var/lib/etcd
# Enabled, too: apt leaves a unit disabled that release.sh disabled the last time.
systemctl enable --now --quiet containerd
pull_images
if [[ -z $left ]]; then remember_software; fi
printf '{"instanceId":"%s"}\n' "$(<"$memory/instance-id")"
