#!/usr/bin/env bash
# Undoes storage-pool.sh once the nodes are gone. A pool that another cluster has is left alone. A directory that still
# holds something stays, with its pool, and that is an error.
#
# stdin: {"cluster", "stack", "name", "path"}
set -euo pipefail

wanted=$(cat)
of() { jq -er "$1" <<<"$wanted"; }
name=$(of .name)
path=$(of .path)
mark=$path/.kjerne.json

[[ -d $path ]] || { echo "$path is gone already"; exit 0; }
if [[ ! -e $mark || $(jq -r .cluster "$mark") != "$(of .cluster)" ]]; then
  echo "storage pool $name in $path is not of cluster $(of .cluster); it stays"
  exit 0
fi
left=$(find "$path" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name "$(basename "$mark")*" -printf '%f ')
if [[ -n $left ]]; then
  echo "storage pool $name in $path still holds $left: remove that, and run again" >&2
  exit 1
fi
active=$(virsh pool-list --name)
if grep -qx "$name *" <<<"$active"; then virsh pool-destroy "$name"; fi
pools=$(virsh pool-list --all --name)
if grep -qx "$name *" <<<"$pools"; then virsh pool-undefine "$name"; fi
rm -f "$mark" "$mark.new"
mountpoint -q "$path" || rmdir "$path"
