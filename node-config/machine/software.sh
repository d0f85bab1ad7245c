#!/usr/bin/env bash
# Functions that install a machine's software: packages by apt from the given sources alone, images by digest. A script
# that says `source machine/software.sh` is sent with them in that line's place (components/machine/runner.ts), and has
# its input in $wanted:
#   {"packages": ["kubelet=1.36.3-1", …], "sources", "images": {NAME: DIGEST}, "authorities": PEM,
#    "registries": {PATH: {"content"}}}
set -euo pipefail

# The value at a path, a list line by line, an object as KEY<tab>VALUE lines. python3 is there before jq.
of() {
  # shellcheck disable=SC2154  # of the script that this is sent with
  python3 -I -c '
import json, sys
value = json.load(sys.stdin)[sys.argv[1]]
if isinstance(value, dict): value = [f"{key}\t{one}" for key, one in value.items()]
if isinstance(value, list): value = "\n".join(one if isinstance(one, str) else "\t".join(one.values()) for one in value)
print(value)' "$1" <<<"$wanted"
}

installed() { dpkg-query --show --showformat='${db:Status-Abbrev}\t${Package}\t${Version}\n' | awk -F '\t' '$1 ~ /^.i/ {print $2 "=" $3}' | sort; }

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

# install_packages DIRECTORY [OPTION]...: those that stdin lists. apt keeps what it fetches in the directory.
install_packages() {
  local missing apt=$1 options system=/etc/ssl/certs/ca-certificates.crt
  shift
  mapfile -t missing < <(sed '/^$/d')
  ((${#missing[@]} > 0)) || return 0
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
  options+=(-o Dpkg::Options::=--force-confold --no-install-recommends --no-remove --allow-change-held-packages "$@")
  if [[ " $* " != *" --download-only "* ]]; then remember_own; fi
  apt-get "${options[@]}" install "${missing[@]}" >&2
}

# For release.sh, by apt's own forecast: before it installs anything, so that a killed run has its packages on the list, too.
remember_own() {
  local own=/var/lib/kjerne/machine/own-packages forecast
  [[ -e $own ]] || return 0
  forecast=$(apt-get "${options[@]}" --simulate install "${missing[@]}")
  awk '$1 == "Inst" && $3 !~ /^\[/ {print $2}' <<<"$forecast" | sort -u - "$own" >"$own.new"
  mv "$own.new" "$own"
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
    ctr pull --snapshotter overlayfs --local --hosts-dir "$hosts" "${name%:*}@$digest" >/dev/null || {
      echo "image $name is not to be had by its digest $digest, see above: ask who runs its mirror (supply.imageMirrors), or write down with make lock what it serves" >&2
      return 1
    }
    ctr tag --force "${name%:*}@$digest" "$name" >/dev/null
    echo "has $name" >&2
  done < <(of images)
}

restart_what_changed() {
  systemctl daemon-reload
  # A running containerd is another one than its program where the package has just changed.
  if [[ $(ctr version | awk '$1 == "Version:" { print $2 }' | sort -u | wc -l) != 1 ]]; then systemctl restart containerd; fi
  systemctl restart kubelet
}

# For whoever puts it back (drift/put-back.sh).
remember_software() {
  local memory=/var/lib/kjerne/machine
  mkdir -p "$memory"
  (umask 077 && cat <<<"$wanted" >"$memory/software.new")
  mv "$memory/software.new" "$memory/software"
}
