#!/usr/bin/env bash
# Removes a node: its virtual machine with saved memory and snapshots, disks, seed and log. Touches nothing that another
# cluster, or nobody that it knows of, has made. Safe to run again.
#
# stdin: {"cluster", "name", "directory", …} as create-node.sh had it
set -euo pipefail

wanted=$(cat)
of() { jq -er "$1" <<<"$wanted"; }
name=$(of .name)
directory=$(of .directory)
mark=$(dirname "$directory")/.kjerne.json

if [[ -e $mark && $(jq -r .cluster "$mark") != "$(of .cluster)" ]]; then
  echo "$(dirname "$directory") is of cluster $(jq -r .cluster "$mark"): nothing there was made by this one, and it stays"
  exit 0
fi

# By their disks: a domain of the same name may be somebody else's.
domains() {
  local domain
  while read -r domain; do
    [[ -n $domain ]] || continue
    if virsh domblklist --details "$domain" |
      awk -v own="$directory/" '$4 ~ /^\// {if (index($4, own) == 1) own_disks++; else others++} END {exit !(own_disks > 0 && others == 0)}'; then
      echo "$domain"
    fi
  done < <(virsh list --all --name)
}

while read -r domain; do
  state=$(virsh domstate "$domain" | head -n 1)
  if [[ $state != 'shut off' ]]; then virsh destroy "$domain"; fi
  virsh undefine "$domain" --managed-save --snapshots-metadata --checkpoints-metadata --nvram
  rm -f "/var/log/libvirt/qemu/$domain.log"
done < <(domains)
rm -rf --one-file-system "$directory" "$directory.unfinished"
echo "$name is gone"
