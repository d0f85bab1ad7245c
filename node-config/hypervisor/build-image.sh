#!/usr/bin/env bash
# Builds the golden image of a node into a directory whose name is the hash of what goes in: root.raw, vmlinuz,
# initrd.img and packages.txt. Builds once: the directory appears when it is whole, and stays.
#
# stdin: {"path", "debian", "sources", "packages": [], "images": {name: digest}, "authorities": PEM,
#         "snapshot": a state of the sources that the name follows, or absent,
#         "registries": {path: {"content"}}, "files": {path: {"content", "mode"}}}
set -euo pipefail
umask 022

recipe=$(cat)
of() { jq -er "$1" <<<"$recipe"; }
path=$(of .path)
work=$path.unfinished
root=$work/root

# One build at a time in this directory; the next one finds what this one made.
mkdir -p "$(dirname "$path")"
exec 9>"$(dirname "$path")/.lock"
flock 9
[[ -d $path ]] && { echo "$(basename "$path") is there already"; exit 0; }

say() { printf '%(%T)T %s\n' -1 "$*"; }

debian() {
  of .sources >"$work/kjerne.sources"
  local packages trust=() system=/etc/ssl/certs/ca-certificates.crt
  if [[ -n $(jq -r '.authorities // ""' <<<"$recipe") ]]; then
    # In the place of the system's own, so these come first.
    if [[ -e $system ]]; then cat "$system" >"$work/authorities.pem"; fi
    of .authorities >>"$work/authorities.pem"
    trust=("--aptopt=Acquire::https::CAInfo \"$work/authorities.pem\"")
  fi
  packages=$(of '.packages | join(",")')
  mmdebstrap --mode=root --variant=minbase --format=directory --quiet \
    --aptopt='Acquire::Languages "none"' --aptopt='Acquire::Retries "3"' "${trust[@]}" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --include="$packages" "$(of .debian)" "$root" "$work/kjerne.sources"
  # mmdebstrap leaves its options in the image, where that file is not.
  sed -i '/CAInfo/d' "$root/etc/apt/apt.conf.d/99mmdebstrap"
}

files() {
  local file
  while IFS= read -r file; do
    install -D -m "$(of ".files[\"$file\"].mode")" /dev/null "$root$file"
    jq -j --arg file "$file" '.files[$file].content' <<<"$recipe" >"$root$file"
  done < <(of '.files | keys[]')
}

services() {
  chroot "$root" systemctl enable --quiet systemd-networkd.service ssh.service
  # Identity is settled before the network is up, by cloud-init-local alone (cloud.cfg.d/90-kjerne.cfg): the other three
  # stages would each start Python again for nothing. Packages change with the image, never by themselves. Nobody has
  # services of their own here: without user@ a login doesn't start a second systemd.
  chroot "$root" systemctl mask --quiet cloud-init.service cloud-config.service cloud-final.service \
    cloud-init-hotplugd.socket systemd-networkd-wait-online.service user@.service \
    apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service dpkg-db-backup.timer
}

# With etc/initramfs-tools in place, which came after the kernel.
boot() {
  chroot "$root" update-initramfs -u >/dev/null
}

# What would make two nodes the same machine.
anonymous() {
  rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/hostname" "$root/etc/resolv.conf" "$root/var/lib/dbus/machine-id" \
    "$root/var/lib/systemd/random-seed"
  : >"$root/etc/machine-id"
}

# Pulls with the image's own containerd, natively: inside an emulated guest this takes minutes. Everything is mounted and
# runs in namespaces that end with this function, however it ends.
preload() {
  [[ $(of '.images | length') = 0 ]] && return
  local hosts=$root/run/kjerne/hosts file
  mkdir -p "$hosts"
  while IFS= read -r file; do
    install -D -m 0644 /dev/null "$hosts$file"
    jq -j --arg file "$file" '.registries[$file].content' <<<"$recipe" >"$hosts$file"
  done < <(of '.registries | keys[]')
  cat >"$root/run/kjerne/containerd.toml" <<'TOML'
version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"]
TOML
  if [[ -e /etc/resolv.conf ]]; then cp /etc/resolv.conf "$root/run/kjerne/resolv.conf"; fi
  of '.images | to_entries[] | [.key, .value] | @tsv' >"$work/images"
  unshare --mount --propagation private --pid --fork --kill-child bash -euo pipefail -c "$(declare -f say pull_all); pull_all $root $work/images"
  rm -r "$root/run/kjerne"
}

pull_all() {
  local root=$1 images=$2 socket=/run/kjerne/containerd.sock name digest
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  if [[ -e $root/run/kjerne/resolv.conf ]]; then
    : >"$root/etc/resolv.conf"
    mount --bind "$root/run/kjerne/resolv.conf" "$root/etc/resolv.conf"
  fi
  chroot "$root" containerd --config /run/kjerne/containerd.toml --root /var/lib/containerd --state /run/kjerne/state \
    --address "$socket" --log-level warn >&2 9>&- &
  local containerd=$! deadline=$((SECONDS + 60))
  until [[ -S $root$socket ]]; do
    kill -0 "$containerd" || { echo "image: containerd of the image ended at once; see above" >&2; return 1; }
    ((SECONDS < deadline)) || { echo "image: containerd of the image did not listen within 60 s" >&2; return 1; }
    sleep 0.2
  done
  ctr() { chroot "$root" ctr --address "$socket" --namespace k8s.io images "$@"; }
  while IFS=$'\t' read -r name digest; do
    # By digest: what arrives is what was asked for, whatever the mirror's tag says.
    local exact="${name%:*}@$digest"
    ctr pull --local --snapshotter overlayfs --hosts-dir /run/kjerne/hosts "$exact" >/dev/null || {
      echo "image $name is not to be had by its digest $digest, see above: ask who runs its mirror (supply.imageMirrors), or write down with make lock what it serves" >&2
      return 1
    }
    ctr tag --force "$exact" "$name" >/dev/null
    say "preloaded $name"
  done <"$images"
  kill "$containerd"
  wait "$containerd"
}

disk() {
  # shellcheck disable=SC2012  # kernel file names are plain
  cp "$(ls -v "$root"/boot/vmlinuz-* | tail -n 1)" "$work/vmlinuz"
  # shellcheck disable=SC2012
  cp "$(ls -v "$root"/boot/initrd.img-* | tail -n 1)" "$work/initrd.img"
  # shellcheck disable=SC2016  # dpkg-query's own variables
  chroot "$root" dpkg-query --show --showformat='${Package}=${Version}\n' >"$work/packages.txt"
  # A node's disk is larger: it grows when the node is made.
  local used
  used=$(du --summarize --block-size=1M "$root" | cut -f 1)
  mkfs.ext4 -q -L root -m 1 -E assume_storage_prezeroed=1 -d "$root" "$work/root.raw" "$((used * 5 / 4 + 256))M"
}

# A build that was killed left its directory, this image's or another's: the lock says that none runs. Mounts and
# processes ended with its namespaces.
rm -rf --one-file-system "$(dirname "$path")"/*.unfinished
mkdir -p "$work"
trap 'rm -rf --one-file-system "$work"' EXIT
say "installing $(of '.packages | length') packages and what they need"
debian
files
services
boot
say "loading $(of '.images | length') container images"
preload
anonymous
say "writing the disk"
disk
rm -rf --one-file-system "$root" "$work/images" "$work/kjerne.sources" "$work/authorities.pem"
mv -T "$work" "$path"
say "$(basename "$path") is built"
