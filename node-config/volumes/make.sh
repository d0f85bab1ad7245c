#!/usr/bin/env bash
# Makes a directory of this node for each volume. Reads {"volumes": [{"directory", "sizeGiB"}]}. Looks at all of them before
# it makes any, and refuses: a directory in which somebody's files lie, one of an earlier run that is not there any more,
# one below /mnt where no file system is mounted, and sizes for which there is no room. A volume that is listed no more
# keeps its files, and is not offered again while they lie there. Safe to run again.
set -euo pipefail
made=/var/lib/kjerne/volumes # a line for each
wanted=$(jq -r '.volumes[] | "\(.sizeGiB) \(.directory)"')
problems=()

# The directory that is there, from which the file system is known.
nearest() {
  local path=$1
  until [[ -d $path ]]; do path=$(dirname "$path"); done
  echo "$path"
}

known() { [[ -e $made ]] && grep -Fxq -- "$1" "$made"; }

declare -A free asked
while read -r gib directory; do
  [[ -n $directory ]] || continue
  if known "$directory"; then
    [[ -d $directory ]] || problems+=("$directory is not there any more, with all that pods kept in it: mount its file system, or put it back; where its files are lost, take the volume out of the settings, run again, and add it anew")
    continue
  fi
  if [[ -d $directory && -n $(ls -A "$directory") ]]; then
    problems+=("$directory has files in it, which whoever claims the volume would get: move them away, or name another directory")
    continue
  fi
  system=$(stat --format %m "$(nearest "$directory")")
  if [[ $directory == /mnt/* && $system == "$(stat --format %m /)" ]]; then
    problems+=("$directory is on the system's own disk, since nothing is mounted above it: mount a file system there and list it in /etc/fstab, or name a directory below /srv")
    continue
  fi
  asked[$system]=$((${asked[$system]:-0} + gib))
  free[$system]=$(($(stat --file-system --format '%a * %S' "$system") / 1024 ** 3))
done <<<"$wanted"
for system in "${!asked[@]}"; do
  if ((asked[$system] > free[$system])); then
    problems+=("new volumes ask for ${asked[$system]} GiB and $system has ${free[$system]} GiB free: make sizeGiB smaller, or mount a larger disk")
  fi
done
if ((${#problems[@]} > 0)); then
  printf '%s: %s\n' "$(hostname)" "${problems[@]/%/. No volume was made or changed}" >&2
  exit 1
fi

mkdir -p "$(dirname "$made")"
while read -r _ directory; do
  [[ -n $directory ]] || continue
  # On the node for root alone; a pod has it from kubelet, which also gives it the group of the pod's fsGroup.
  if [[ ! -d $directory ]]; then
    (umask 077 && mkdir -p "$(dirname "$directory")")
    mkdir -m 0755 "$directory"
  fi
  echo "$directory"
done <<<"$wanted" >"$made.new"
if [[ -e $made ]]; then
  while read -r left; do echo "$left stays as it is, with its files; remove them when nobody needs them"; done < <(grep -vFxf "$made.new" "$made" || true)
fi
mv "$made.new" "$made"
