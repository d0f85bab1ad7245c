#!/usr/bin/env bash
# Functions that boot a guest on a hypervisor to see whether one boots. A script that says `source hypervisor/probe.sh` is
# sent with them; it has `of` and `problem`, and in its input {"sources", "authorities": PEM, "emulation"}.
set -euo pipefail

# Prints the path of a Debian kernel: fetched by apt, which checks the signature, in directories of its own.
probe_kernel() {
  local apt=$probe/apt options package system=/etc/ssl/certs/ca-certificates.crt
  mkdir -p "$apt"/{lists/partial,archives/partial}
  of .sources >"$apt/kjerne.sources"
  options=(-q -o "Dir::Etc::SourceList=$apt/kjerne.sources" -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null
    -o Dir::Etc::PreferencesParts=/dev/null -o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt" -o Dir::Cache::pkgcache=
    -o Dir::State::status=/dev/null -o Acquire::Languages=none -o APT::Sandbox::User=root)
  if [[ -n $(of '.authorities // ""') ]]; then
    if [[ -e $system ]]; then cat "$system" >"$apt/authorities.pem"; fi
    of .authorities >>"$apt/authorities.pem" # apt reads this instead of the system's own
    options+=(-o "Acquire::https::CAInfo=$apt/authorities.pem")
  fi
  apt-get "${options[@]}" --error-on=any update >&2
  package=$(apt-cache "${options[@]}" depends --important linux-image-cloud-amd64 | awk '$1 == "Depends:" {print $2; exit}')
  (cd "$apt" && apt-get "${options[@]}" download "$package" >&2)
  dpkg-deb --fsys-tarfile "$apt/$package"_*.deb | tar --extract --directory "$probe" --wildcards './boot/vmlinuz-*'
  echo "$probe"/boot/vmlinuz-*
}

# Whether a guest boots: its kernel runs until it misses a root file system, says so and QEMU exits. A KVM that is there
# and doesn't work (nested, as in some clouds) hangs instead, so the deadline, in seconds, decides.
boots() {
  local accelerator=$1 cpu=$2 seconds=$3 kernel=$4 serial=$probe/serial-$1 status=0
  : >"$serial"
  timeout --kill-after 5 "$seconds" qemu-system-x86_64 -accel "$accelerator" -cpu "$cpu" -machine q35 -m 256 -nodefaults -display none \
    -no-reboot -serial "file:$serial" -kernel "$kernel" -append "console=ttyS0 panic=-1" >"$probe/qemu-$accelerator" 2>&1 || status=$?
  echo "QEMU exited with $status (124: stopped after $seconds s)" >>"$probe/qemu-$accelerator"
  grep -q 'Unable to mount root fs' "$serial"
}

# A guest costs seconds, so what was seen is remembered until the machine, QEMU or the source of the kernel is another.
check_virtualisation() {
  local key probe kernel type=none
  qemu=$(qemu-system-x86_64 --version | awk 'NR == 1 {print $4}')
  key=$({ of '.sources, .emulation'; echo "$qemu"; cat /proc/sys/kernel/random/boot_id; } | sha256sum | cut -c 1-16)
  remembered=/var/lib/kjerne/probe/$key.json
  if [[ ! -e $remembered ]]; then
    probe=$(mktemp -d)
    # shellcheck disable=SC2064  # the directory of now
    trap "rm -rf '$probe'" EXIT
    kernel=$(probe_kernel)
    if [[ -c /dev/kvm ]] && boots kvm host 15 "$kernel"; then type=kvm
    elif [[ $(of .emulation) = true ]] && boots tcg qemu64 180 "$kernel"; then type=qemu
    else
      problem "virtualisation: no guest boots (KVM: $(tail -n 1 "$probe/qemu-kvm" "$probe/serial-kvm" 2>&1 | paste -sd ' ')); switch VT-x or AMD-V on in the firmware and load kvm_intel or kvm_amd, or set virtualisation: emulated in a lab"
      return
    fi
    mkdir -p "$(dirname "$remembered")"
    jq -n --arg domainType "$type" --arg qemu "$qemu" --arg kernel "$(basename "$kernel")" '$ARGS.named' >"$probe/result"
    mv "$probe/result" "$remembered"
  fi
}
