#!/usr/bin/env bash
# The libvirt storage pool that the nodes' disks lie in: defined, started, and started again with the machine.
#
# stdin: {"name", "path"}
set -euo pipefail

wanted=$(cat)
name=$(jq -er .name <<<"$wanted")
path=$(jq -er .path <<<"$wanted")

# QEMU runs as a user of its own and has to reach its disks, which are its own; it need not list them.
install -d -m 0711 "$path"
pools=$(virsh pool-list --all --name)
if ! grep -qx "$name *" <<<"$pools"; then
  virsh pool-define-as "$name" dir --target "$path"
fi
defined=$(virsh pool-dumpxml "$name" | sed -n 's:.*<path>\(.*\)</path>.*:\1:p')
if [[ $defined != "$path" ]]; then
  echo "storage pool $name lies in $defined and $path is asked; choose another pool.name, or undefine that pool" >&2
  exit 1
fi
active=$(virsh pool-list --name)
grep -qx "$name *" <<<"$active" || virsh pool-start "$name"
virsh pool-autostart "$name"
