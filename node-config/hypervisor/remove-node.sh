#!/usr/bin/env bash
# Removes a node: its virtual machine, disks, seed and log. Safe to run again.
#
# stdin: {"name", "directory", …} as create-node.sh had it
set -euo pipefail

wanted=$(cat)
name=$(jq -er .name <<<"$wanted")
directory=$(jq -er .directory <<<"$wanted")

domains=$(virsh list --all --name)
if grep -Fxq "$name" <<<"$domains"; then
  state=$(virsh domstate "$name")
  if [[ $state != 'shut off'* ]]; then virsh destroy "$name"; fi
  virsh undefine "$name"
fi
rm -rf "$directory" "$directory.unfinished" "/var/log/libvirt/qemu/$name.log"
