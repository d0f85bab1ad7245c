#!/usr/bin/env bash
# Prints whom this node really asks and what it really runs, as JSON: {NAME: {status, stdout, stderr}}. It judges
# nothing and changes nothing; a command that fails is a reading too.
# Reads {"vantage": [ADDRESS:PORT...]}: servers whose place is known. How long they take to answer bounds how far away
# from them this node can be.
# Takes `reading` and `readings` from reading.sh.
set -euo pipefail

mapfile -t vantage < <(jq -r '.vantage[]')

# Containers that run now, and the images that this node has by the ids that containers are made of.
containers() {
  crictl --runtime-endpoint unix:///run/containerd/containerd.sock ps --output json |
    jq -c '[.containers[] | {name: .metadata.name, image: (.imageId // .imageRef)}]'
}
images() {
  crictl --runtime-endpoint unix:///run/containerd/containerd.sock images --output json |
    jq -c '[.images[] | {id, tags: .repoTags, digests: .repoDigests}]'
}

# Each registry that containerd has a rule for, with the servers it really asks.
registries() {
  local file
  for file in /etc/containerd/certs.d/*/hosts.toml; do
    [[ -e $file ]] || continue
    printf '%s\n' "${file%/hosts.toml}" | sed 's#.*/##; s/^/registry /'
    sed -nE 's/^ *(server *= *|\[host\.)"([^"]*)".*/\2/p' "$file"
  done
}

# Where apt fetches from: each file that there is, in the one form and in the other.
package_sources() {
  find /etc/apt \( -name '*.list' -o -name '*.sources' \) -exec grep -hE '^(deb |URIs:)' {} +
}

name_servers() {
  if command -v resolvectl >/dev/null; then
    resolvectl dns
  else
    grep '^nameserver ' /etc/resolv.conf
  fi
}

# The shortest of five connections to each server, in microseconds: one round trip and what the kernels add to it.
round_trips() {
  local vantage start took best
  for vantage in "$@"; do
    best=""
    for _ in 1 2 3 4 5; do
      start=${EPOCHREALTIME/./}
      exec 3<>"/dev/tcp/${vantage%:*}/${vantage##*:}" || return
      took=$((${EPOCHREALTIME/./} - start))
      exec 3<&-
      [[ -n $best && $best -le $took ]] || best=$took
    done
    printf '%s %s\n' "$vantage" "$best"
  done
}
export -f containers images registries package_sources name_servers round_trips

everything() {
  reading containers containers
  reading images images
  reading registries registries
  reading packages package_sources
  reading nameServers name_servers
  reading timeServers chronyc -N sources
  reading roundTrips round_trips "${vantage[@]}"
}
readings everything
