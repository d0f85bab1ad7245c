#!/usr/bin/env bash
# Makes a node's disks and identity once, and its virtual machine as described: run again after a change of CPUs or
# memory it shuts the machine down, redefines it and starts it with the same disks. Goes on where it was cut off.
#
# stdin: {"name", "directory", "madeOf": {"rootGiB", "etcdGiB", …}, "image", "preallocated", "domain": XML, "userData",
#         "networkConfig"}
# stdout: {"hostKey", "instanceId", "definition"}; the private host key never leaves this machine.
set -euo pipefail
umask 077

wanted=$(cat)
of() { jq -r "$1" <<<"$wanted"; }
name=$(of .name)
directory=$(of .directory)
shutdownSeconds=180

disk() {
  local file=$1 size=$2
  truncate --size "$size" "$file"
  # The blocks are there before the guest writes: native I/O would wait for the file system to find them.
  if [[ $(of .preallocated) = true ]]; then fallocate --length "$size" "$file"; fi
}

disks() {
  local image etcdGiB
  image=$(of .image)
  etcdGiB=$(of .madeOf.etcdGiB)
  cp --reflink=auto --sparse=always "$image/root.raw" "$work/root.raw"
  disk "$work/root.raw" "$(of .madeOf.rootGiB)G"
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
  work=$directory.unfinished
  rm -rf "$work"
  install -d -m 0711 "$work"
  disks
  seed
  of .madeOf >"$work/made-of.json"
  mv -T "$work" "$directory"
}

state() { virsh domstate "$name" | head -n 1; }

shut_down() {
  local deadline=$((SECONDS + shutdownSeconds))
  virsh shutdown "$name" >&2
  until [[ $(state) = 'shut off' ]]; do
    if ((SECONDS >= deadline)); then
      echo "node $name did not shut down within $shutdownSeconds s; look at $directory/console.log, then virsh destroy $name and run again" >&2
      exit 1
    fi
    sleep 1
  done
}

[[ -d $directory ]] || make

changed=$(jq -r --slurpfile made "$directory/made-of.json" \
  '.madeOf | to_entries[] | select($made[0][.key] != .value) | "\(.key) is \($made[0][.key]), asked \(.value)"' <<<"$wanted")
if [[ -n $changed ]]; then
  printf 'node %s in %s is made of something else:\n%s\nThat is not changed in place: replace the node, or remove what an earlier run left\n' \
    "$name" "$directory" "$changed" >&2
  exit 1
fi

domains=$(virsh list --all --name)
of .domain >"$directory/domain.wanted.xml"
if ! grep -Fxq "$name" <<<"$domains" || ! cmp -s "$directory/domain.wanted.xml" "$directory/domain.xml"; then
  if grep -Fxq "$name" <<<"$domains" && [[ $(state) != 'shut off' ]]; then shut_down; fi
  virsh define "$directory/domain.wanted.xml" >&2
  mv "$directory/domain.wanted.xml" "$directory/domain.xml"
fi
rm -f "$directory/domain.wanted.xml"
virsh autostart "$name" >&2
[[ $(state) = running ]] || virsh start "$name" >&2

jq -nc --arg hostKey "$(cut -d ' ' -f 1,2 "$directory/ssh_host_ed25519_key.pub")" --arg instanceId "$(<"$directory/instance-id")" \
  --arg definition "$(sha256sum "$directory/domain.xml" | cut -c 1-16)" '$ARGS.named'
