#!/usr/bin/env bash
# Undoes storage-pool.sh once the nodes are gone. A directory that still holds something stays, and that is an error.
#
# stdin: {"name", "path"}
set -euo pipefail

wanted=$(cat)
name=$(jq -er .name <<<"$wanted")
path=$(jq -er .path <<<"$wanted")

active=$(virsh pool-list --name)
if grep -qx "$name *" <<<"$active"; then virsh pool-destroy "$name"; fi
pools=$(virsh pool-list --all --name)
if grep -qx "$name *" <<<"$pools"; then virsh pool-undefine "$name"; fi
[[ ! -d $path ]] || mountpoint -q "$path" || rmdir "$path"
