#!/usr/bin/env bash
# The libvirt storage pool that the nodes' disks lie in: made for one cluster, defined, started, and started again with
# the machine. A mark in its directory says whose it is; a pool or directory without it is somebody else's and is refused
# untouched.
#
# $1: create, or update for a pool that was made before: by an older release, without a mark
# stdin: {"cluster", "stack", "hypervisor": its name in the settings, "name", "path"}
set -euo pipefail

action=$1
wanted=$(cat)
of() { jq -er "$1" <<<"$wanted"; }
cluster=$(of .cluster)
stack=$(of .stack)
name=$(of .name)
path=$(of .path)
mark=$path/.kjerne.json

refuse() {
  echo "storage pool $name in $path: $1; choose another pool.name and pool.path, or remove that one" >&2
  exit 1
}
target() { virsh pool-dumpxml "$1" | python3 -I -c 'import sys, xml.etree.ElementTree as tree; print(tree.fromstring(sys.stdin.read()).findtext("target/path"))'; }

# Asked once: a libvirt that does not answer ends the script, and must not look like one without pools.
pools=$(virsh pool-list --all --name | sed 's/ *$//')
is_defined() { grep -qE "^$name$" <<<"$pools"; }
holds_something() { [[ -e $path && -n $(find "$path/" -mindepth 1 -maxdepth 1 ! -name lost+found ! -name "$(basename "$mark")*" -print -quit) ]]; }

# A mark that lost its content in a power failure says nothing.
owner=""
if [[ -s $mark ]]; then owner=$(jq -r '.cluster // empty' "$mark"); fi
if [[ -n $owner ]]; then
  [[ $owner = "$cluster" ]] || refuse "cluster $owner has it, not $cluster"
  maker=$(jq -r .stack "$mark")
  # A stack that was renamed updates; another one that says it is the same cluster creates.
  [[ $action = update || $maker = "$stack" ]] || refuse "stack $maker made it for a cluster $cluster of its own, and this is stack $stack"
elif [[ $action = create ]]; then
  if is_defined; then refuse "libvirt has a pool of that name, and this cluster did not make it"; fi
  if holds_something; then refuse "the directory holds something that this cluster did not put there"; fi
elif ! is_defined && holds_something; then
  refuse "the directory has no mark of this cluster and libvirt no such pool, so that what it holds may be somebody else's"
fi
while read -r pool; do
  [[ -n $pool ]] || continue
  defined=$(target "$pool")
  if [[ $pool = "$name" && $defined != "$path" ]]; then refuse "libvirt has it in $defined"; fi
  if [[ $pool != "$name" && $defined = "$path" ]]; then refuse "libvirt has a pool $pool in that directory"; fi
done <<<"$pools"

# QEMU runs as a user of its own and has to reach its disks, which are its own; it need not list them.
[[ -d $path ]] || install -d -m 0711 "$path"
chmod o+x "$path"
jq '{cluster, stack, hypervisor}' <<<"$wanted" >"$mark.new"
sync "$mark.new"
mv "$mark.new" "$mark"
is_defined || virsh pool-define-as "$name" dir --target "$path"
active=$(virsh pool-list --name)
grep -qE "^$name *$" <<<"$active" || virsh pool-start "$name"
virsh pool-autostart "$name"
