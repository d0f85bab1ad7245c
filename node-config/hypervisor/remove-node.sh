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

if [[ -e $mark ]]; then
  owner=$(jq -r .cluster "$mark" || true) # of an empty file jq says nothing, and that it went well
  if [[ -z $owner ]]; then
    echo "node $name: $mark cannot be read, so that nobody can tell whose $directory is; put {\"cluster\": \"$(of .cluster)\"} there if it is this cluster's, and run again" >&2
    exit 1
  fi
  if [[ $owner != "$(of .cluster)" ]]; then
    echo "$(dirname "$directory") is of cluster $owner: nothing there was made by this one, and it stays"
    exit 0
  fi
elif [[ -e $directory ]]; then
  echo "node $name: $(dirname "$directory") has no mark $(basename "$mark"), so that nobody can tell whose $directory is; put {\"cluster\": \"$(of .cluster)\"} there if it is this cluster's, and run again" >&2
  exit 1
fi

# By their disks: a domain of the same name may be somebody else's. A libvirt that does not answer ends the script before
# any disk goes.
all=$(virsh list --all --name)
domains=()
while read -r domain; do
  [[ -n $domain ]] || continue
  disks=$(virsh domblklist --details "$domain" | awk '$4 ~ /^\// {print $4}')
  own=$(awk -v own="$directory/" 'index($0, own) == 1' <<<"$disks")
  [[ -n $own ]] || continue
  if [[ $own != "$disks" ]]; then
    echo "node $name: the virtual machine $domain has disks of $directory and others: $(paste -sd ' ' <<<"$disks"). Detach those that are not the node's, or remove that machine; nothing was removed" >&2
    exit 1
  fi
  domains+=("$domain")
done <<<"$all"

for domain in "${domains[@]}"; do
  state=$(virsh domstate "$domain")
  if [[ $state != 'shut off' ]]; then virsh destroy "$domain"; fi
  virsh undefine "$domain" --managed-save --snapshots-metadata --checkpoints-metadata --nvram
  rm -f "/var/log/libvirt/qemu/$domain.log"
done
rm -rf --one-file-system "$directory" "$directory.unfinished"
echo "$name is gone"
