#!/usr/bin/env bash
# Undoes storage-pool.sh once the nodes are gone. A pool that another cluster has, or the same one under another name of
# this hypervisor, is left alone. A directory that still holds something stays, with its pool, and that is an error.
#
# stdin: {"cluster", "stack", "hypervisor", "name", "path"}
set -euo pipefail

wanted=$(cat)
of() { jq -er "$1" <<<"$wanted"; }
name=$(of .name)
path=$(of .path)
mark=$path/.kjerne.json

target() { virsh pool-dumpxml "$1" | python3 -I -c 'import sys, xml.etree.ElementTree as tree; print(tree.fromstring(sys.stdin.read()).findtext("target/path"))'; }

[[ -d $path ]] || { echo "$path is gone already"; exit 0; }
# A removal that was cut off leaves the empty directory to this one, unless libvirt has a pool there by now.
if [[ -z $(ls -A "$path") ]] && ! mountpoint -q "$path"; then
  pools=$(virsh pool-list --all --name)
  for pool in $pools; do
    defined=$(target "$pool")
    if [[ $defined = "$path" ]]; then
      echo "libvirt has a pool $pool in $path, which is somebody else's; it stays"
      exit 0
    fi
  done
  rmdir "$path"
  exit 0
fi
if [[ ! -e $mark || $(jq -r .cluster "$mark" 2>/dev/null) != "$(of .cluster)" ]]; then
  echo "storage pool $name in $path is not of cluster $(of .cluster); it stays"
  exit 0
fi
holder=$(jq -r '.hypervisor // empty' "$mark")
if [[ -n $holder && $holder != "$(of .hypervisor)" ]]; then
  echo "storage pool $name in $path is that of hypervisor $holder by now; it stays"
  exit 0
fi
left=$(find "$path" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name "$(basename "$mark")*" -printf '%f ')
if [[ -n $left ]]; then
  echo "storage pool $name in $path still holds $left: remove that, and run again" >&2
  exit 1
fi
# A libvirt that does not answer ends the script: it must not look like one without pools.
pools=$(virsh pool-list --all --name)
active=$(virsh pool-list --name)
is_in() { grep -qE "^$name *$" <<<"$1"; }
if is_in "$pools"; then
  defined=$(target "$name")
  if [[ $defined = "$path" ]]; then
    if is_in "$active"; then virsh pool-destroy "$name"; fi
    virsh pool-undefine "$name"
  else
    echo "libvirt has a pool $name in $defined, which is somebody else's; it stays"
  fi
fi
rm -f "$mark" "$mark.new"
mountpoint -q "$path" || rmdir "$path"
