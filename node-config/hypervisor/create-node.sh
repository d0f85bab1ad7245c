#!/usr/bin/env bash
# Makes a node's disks and identity once, and defines its virtual machine as described. A machine that runs is neither
# stopped nor started anew: another number of CPUs or memory waits for its next start. Goes on where it was cut off.
# Touches no domain and no directory that this cluster did not make.
#
# $1: create, or update for a machine that was made before
# stdin: {"cluster", "name", "directory", "madeOf": {"rootGiB", "etcdGiB", …}, "image", "preallocated", "domain": XML,
#         "userData", "networkConfig"}
# stdout: {"hostKey", "instanceId", "image": what its disk was made from, "definition"}; the private host key never
# leaves this machine.
set -euo pipefail
umask 077

action=$1
wanted=$(cat)
of() { jq -r "$1" <<<"$wanted"; }
cluster=$(of .cluster)
name=$(of .name)
directory=$(of .directory)

refuse() {
  echo "node $name: $1" >&2
  exit 1
}

disk() {
  local file=$1 size=$2
  truncate --size "$size" "$file"
  # The blocks are there before the guest writes: native I/O would wait for the file system to find them.
  if [[ $(of .preallocated) = true ]]; then fallocate --length "$size" "$file"; fi
}

disks() {
  local image etcdGiB rootGiB needs
  image=$(of .image)
  etcdGiB=$(of .madeOf.etcdGiB)
  rootGiB=$(of .madeOf.rootGiB)
  needs=$((($(stat --format %s "$image/root.raw") + 2 ** 30 - 1) / 2 ** 30))
  ((rootGiB >= needs)) || refuse "rootGiB is $rootGiB and its image needs $needs; set rootGiB to $needs or more"
  cp --reflink=auto --sparse=always "$image/root.raw" "$work/root.raw"
  disk "$work/root.raw" "${rootGiB}G"
  resize2fs -f "$work/root.raw" >&2
  if ((etcdGiB > 0)); then
    disk "$work/etcd.raw" "${etcdGiB}G"
    mkfs.xfs -q -L etcd "$work/etcd.raw"
  fi
  # Its own copies: an image can go while nodes made from it live.
  cp "$image/vmlinuz" "$image/initrd.img" "$work"
}

seed() {
  local instance
  instance=$(</proc/sys/kernel/random/uuid)
  ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$work/ssh_host_ed25519_key"
  mkdir "$work/seed"
  jq -n --arg instance "$instance" --arg name "$name" \
    '{"instance-id": $instance, "local-hostname": $name, dsmode: "local"}' >"$work/seed/meta-data"
  of .networkConfig >"$work/seed/network-config"
  {
    echo '#cloud-config'
    jq --rawfile private "$work/ssh_host_ed25519_key" --rawfile public "$work/ssh_host_ed25519_key.pub" \
      '.userData + {ssh_keys: {ed25519_private: $private, ed25519_public: $public}}' <<<"$wanted"
  } >"$work/seed/user-data"
  xorriso -as genisoimage -quiet -volid cidata -joliet -rational-rock -output "$work/seed.iso" \
    "$work"/seed/{meta-data,network-config,user-data} >&2
  echo "$instance" >"$work/instance-id"
  rm -r "$work/seed" "$work/ssh_host_ed25519_key"
}

make() {
  local address
  address=$(of .madeOf.address)
  if ping -c 1 -W 1 "$address" &>/dev/null; then
    refuse "its address $address answers already: another machine has it; choose a free one, or stop that machine"
  fi
  work=$directory.unfinished
  rm -rf "$work"
  # What fails here, a full disk for one, gives its space back.
  trap 'rm -rf "$work"' EXIT
  install -d -m 0711 "$work"
  disks
  seed
  basename "$(of .image)" >"$work/image"
  of .madeOf >"$work/made-of.json"
  sync --file-system "$work"
  mv -T "$work" "$directory"
}

# The description that was asked for, with the name, UUID and MAC address of the one that the machine was made by. A card that it
# gets later has the address that is asked.
described() {
  of .domain | python3 -I -c '
import os, sys, xml.etree.ElementTree as tree
wanted = tree.fromstring(sys.stdin.read())
if os.path.exists(sys.argv[1]) and os.path.getsize(sys.argv[1]) > 0:
    made = tree.parse(sys.argv[1]).getroot()
    for path in ("name", "uuid"):
        wanted.find(path).text = made.find(path).text
    wanted.find("devices/interface/mac").set("address", made.find("devices/interface/mac").get("address"))
print(tree.canonicalize(tree.tostring(wanted, encoding="unicode"), strip_text=True))' "$directory/domain.xml"
}

# Whether every disk of a domain lies in this node's directory: then it is this node's.
is_own() {
  virsh domblklist --details "$1" |
    awk -v own="$directory/" '$4 ~ /^\// {if (index($4, own) == 1) own_disks++; else others++} END {exit !(own_disks > 0 && others == 0)}'
}

# Of two machines with one MAC address on a bridge each gets some of the other's packets. Cards that it has already stay.
refuse_taken_mac() {
  local macs mac other described own=""
  if grep -Fxq "$domain" <<<"$domains"; then own=$(virsh dumpxml --inactive "$domain"); fi
  macs=$(python3 -I -c 'import sys, xml.etree.ElementTree as tree; print(*(mac.get("address") for mac in tree.fromstring(sys.stdin.read()).findall("devices/interface/mac")), sep="\n")' <<<"$description")
  while read -r other; do
    [[ -n $other && $other != "$domain" ]] || continue
    described=$(virsh dumpxml --inactive "$other")
    for mac in $macs; do
      if grep -qiF "mac address='$mac'" <<<"$described" && ! grep -qiF "mac address='$mac'" <<<"$own"; then
        refuse "its MAC address $mac is that of the virtual machine $other: give that one another, or rename the node"
      fi
    done
  done <<<"$domains"
}

mark=$(dirname "$directory")/.kjerne.json
owner=nobody
if [[ -s $mark ]]; then owner=$(jq -r .cluster "$mark"); fi
[[ $owner = "$cluster" ]] || refuse "its pool $(dirname "$directory") belongs to $owner, not to cluster $cluster; choose another pool"
if [[ -e $directory && ! -e $directory/made-of.json ]]; then
  refuse "$directory is there already and was not made by kjerne; it is left alone: move it away, or rename the node"
fi

description=$(described)
domain=$(python3 -I -c 'import sys, xml.etree.ElementTree as tree; print(tree.fromstring(sys.stdin.read()).find("name").text)' <<<"$description")
domains=$(virsh list --all --name) # a libvirt that does not answer ends the script
before=""
if grep -Fxq "$domain" <<<"$domains"; then
  is_own "$domain" ||
    refuse "a virtual machine $domain is here already, with disks outside $directory: somebody else made it, and it is left alone; rename the node, or remove that machine"
  # Empty where the power went while it was written.
  if [[ -s $directory/domain.xml ]]; then
    before=$(python3 -I -c 'import sys, xml.etree.ElementTree as tree; print(tree.canonicalize(from_file=sys.argv[1], strip_text=True))' "$directory/domain.xml")
  fi
fi
refuse_taken_mac

if [[ ! -e $directory ]]; then
  [[ $action = create ]] ||
    refuse "it was made in $directory, which is not there any more: its disks are lost, or this is another hypervisor. To make it anew: pulumi up --replace '**NodeScript::$name-machine'"
  make
fi
changed=$(jq -r --slurpfile made "$directory/made-of.json" \
  '.madeOf | to_entries[] | select($made[0][.key] != .value) | "\(.key) is \($made[0][.key]), asked \(.value)"' <<<"$wanted")
[[ -z $changed ]] ||
  refuse "its machine in $directory is made of something else: $(paste -sd ',' <<<"$changed"). That is not changed in place, and its disks go when it is made anew: pulumi up --replace '**NodeScript::$name-machine'"

# As libvirt describes it: what drift/observe-machine.py compares with.
if [[ $description != "$before" || ! -s $directory/defined.xml ]]; then
  echo "$description" >"$directory/domain.wanted.xml"
  virsh define "$directory/domain.wanted.xml" >&2
  sync "$directory/domain.wanted.xml"
  mv "$directory/domain.wanted.xml" "$directory/domain.xml"
  virsh dumpxml --inactive "$domain" >"$directory/defined.xml.new"
  mv "$directory/defined.xml.new" "$directory/defined.xml"
fi
virsh autostart "$domain" >&2
[[ $(virsh domstate "$domain") = running ]] || virsh start "$domain" >&2

image=unknown # of machines that older releases made
if [[ -s $directory/image ]]; then image=$(<"$directory/image"); fi
jq -nc --arg hostKey "$(cut -d ' ' -f 1,2 "$directory/ssh_host_ed25519_key.pub")" --arg instanceId "$(<"$directory/instance-id")" \
  --arg image "$image" \
  --arg definition "$(sha256sum <<<"$description" | cut -c 1-16)" '$ARGS.named'
