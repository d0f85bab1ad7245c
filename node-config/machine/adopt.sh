#!/usr/bin/env bash
# Makes a machine that kjerne did not make ready for Kubernetes: packages by apt from the given sources alone, pinned and
# held, and container images by digest. First it writes down what is there, for release.sh. Safe to run again; goes on
# where it was cut off.
#
# stdin: {"cluster", "name", "packages": ["kubelet=1.36.3-1", …], "held": [], "sources", "images": {NAME: DIGEST},
#         "authorities": PEM, "registries": {PATH: {"content"}}}
# stdout: {"instanceId"}: another one when the machine was made anew.
set -euo pipefail
umask 022
export DEBIAN_FRONTEND=noninteractive

wanted=$(cat)
# The value at a path, a list line by line, an object as KEY<tab>VALUE lines.
of() {
  python3 -I -c '
import json, sys
value = json.load(sys.stdin)[sys.argv[1]]
if isinstance(value, dict): value = [f"{key}\t{one}" for key, one in value.items()]
if isinstance(value, list): value = "\n".join(one if isinstance(one, str) else "\t".join(one.values()) for one in value)
print(value)' "$1" <<<"$wanted"
}
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

installed() { dpkg-query --show --showformat='${db:Status-Abbrev}\t${Package}\t${Version}\n' | awk -F '\t' '$1 ~ /^.i/ {print $2 "=" $3}' | sort; }

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

missing_packages() {
  local now package
  now=$(installed)
  while read -r package; do
    case $package in
      *=*) grep -Fxq "$package" <<<"$now" || echo "$package" ;;
      *) grep -q "^$package=" <<<"$now" || echo "$package" ;;
    esac
  done < <(of packages)
}

install_packages() {
  local missing apt=$memory/apt options other system=/etc/ssl/certs/ca-certificates.crt
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} > 0)) || return 0
  if [[ -e /var/lib/kjerne/joined || -e /var/lib/kjerne/control-plane ]]; then
    other=$(printf '%s\n' "${missing[@]}" | awk '/^(kube|containerd|runc)/')
    if [[ -n $other ]]; then
      echo "this node is in a cluster and the settings ask for $(paste -sd ' ' <<<"$other"): an upgrade, which this script doesn't do; put kubernetes.version and the supply back" >&2
      exit 1
    fi
  fi
  mkdir -p "$apt"/{lists/partial,archives/partial}
  of sources >"$apt/kjerne.sources"
  # Its own sources and lists: what the machine's apt knows stays as it is.
  options=(-q -y -o "Dir::Etc::SourceList=$apt/kjerne.sources" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$apt/lists"
    -o "Dir::Cache=$apt" -o Acquire::Languages=none -o Acquire::Retries=3 -o APT::Sandbox::User=root -o DPkg::Lock::Timeout=300)
  if [[ -n $(of authorities) ]]; then
    # In the place of the system's own, so these come first.
    if [[ -e $system ]]; then cat "$system" >"$apt/authorities.pem"; fi
    of authorities >>"$apt/authorities.pem"
    options+=(-o "Acquire::https::CAInfo=$apt/authorities.pem")
  fi
  apt-get "${options[@]}" --error-on=any update >&2
  # A killed run may have left a package half configured.
  dpkg --configure --pending >&2
  apt-get "${options[@]}" -o Dpkg::Options::=--force-confold --no-install-recommends --no-remove --allow-change-held-packages \
    install "${missing[@]}" >&2
  rm -rf "$apt"
}

pull_images() {
  local hosts name digest there
  hosts=$(mktemp -d)
  # shellcheck disable=SC2064  # the directory of now
  trap "rm -rf '$hosts'" RETURN
  python3 -I -c '
import json, pathlib, sys
for path, file in json.load(sys.stdin)["registries"].items():
    place = pathlib.Path(sys.argv[1] + path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(file["content"])' "$hosts" <<<"$wanted"
  ctr() { command ctr --namespace k8s.io images "$@"; }
  there=$(ctr list | awk '{print $1 "\t" $3}')
  while IFS=$'\t' read -r name digest; do
    [[ -n $name ]] || continue
    if grep -Fxq "$name"$'\t'"$digest" <<<"$there"; then continue; fi
    # By digest: what arrives is what was asked for, whatever the mirror's tag says.
    ctr pull --snapshotter overlayfs --local --hosts-dir "$hosts" "${name%:*}@$digest" >/dev/null
    ctr tag --force "${name%:*}@$digest" "$name" >/dev/null
    echo "has $name" >&2
  done < <(of images)
}

remember instance-id cat /proc/sys/kernel/random/uuid
remember packages installed
remember groups cut -d : -f 1 /etc/group
# Those in which files of a node and traces of programs lie.
remember directories find / -xdev \( -path /proc -o -path /sys -o -path /run -o -path /tmp -o -path /home -o -path /var \) -prune -o -type d -print
# Places where programs leave something of their own, and which an operator may have as well.
remember absent absent \
  /.kube /root/.kube /opt/containerd /usr/libexec/kubernetes /etc/systemd/logind.conf.d/99-kubelet.conf
remember sysctls bash -c 'sysctl --all 2>/dev/null | grep -E "^(net|vm|kernel\.(panic|keys)|fs\.inotify)" || true'
install_packages
of held | xargs --no-run-if-empty apt-mark hold >/dev/null
remember nft-tables nft list tables
install -d -m 0700 /var/lib/etcd
systemctl start containerd
pull_images
printf '{"instanceId":"%s"}\n' "$(<"$memory/instance-id")"
