#!/usr/bin/env bash
# Gives a fresh Debian what the preflight asks of a hypervisor: packages, services that run, the module of KVM, and the
# bridge. Tells everything that stands in the way at once, before it changes anything. Nothing that is there is upgraded,
# removed or configured anew, and nothing is undone with the cluster. Safe to run again; goes on where it was cut off.
#
# stdin: {"name", "commands": ["PACKAGE…: COMMAND…"], "clock": WHETHER IT MUST BE SYNCHRONISED, "bridge", "address",
#         "planBridge", "bridgeFiles"}; the last four are for bridge.sh
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 # services that run are not restarted

wanted=$(cat)
source hypervisor/bridge.sh
problems=()

# From the machine's own sources. The settings' `packages` are for nodes: of the nodes' release, which may be another one
# than this machine's, and often without QEMU; and security updates of this machine come from its own, too. What it knows
# of them stays as it is: lists and archives are the script's own.
apt() {
  apt-get -q -y -o "Dir::State::Lists=$own/lists" -o "Dir::Cache=$own" -o Acquire::Languages=none -o Acquire::Retries=3 \
    -o APT::Sandbox::User=root -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold --no-install-recommends --no-remove "$@"
}

is_installed() { dpkg-query --show --showformat='${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^.i'; }
# One that somebody has masked is none.
first_unit() {
  local unit
  for unit; do
    if [[ $(systemctl show --property LoadState --value "$unit") = loaded ]]; then
      echo "$unit"
      return
    fi
  done
}

check_release() {
  local release
  release=$(. /etc/os-release && echo "${ID-} ${VERSION_ID-}")
  [[ $release = "debian 12" || $release = "debian 13" ]] ||
    problems+=("this is $release, and kjerne prepares Debian 12 and 13 alone; prepare it by hand, and leave prepare out")
}

# Packages that are wanted for a command that is missing, but for those that are there.
missing_packages() {
  local packages commands command package
  {
    while IFS=: read -r packages commands; do
      for command in $commands; do
        if ! command -v "$command" >/dev/null; then tr ' ' '\n' <<<"$packages"; fi
      done
    done <<<"$(of commands)"
    if [[ -z $(first_unit libvirtd.service virtqemud.service) ]]; then echo libvirt-daemon-system; fi
    if [[ $clock = true && -z $(first_unit "${clocks[@]}") ]]; then echo chrony; fi
  } | sort -u | while read -r package; do
    if ! is_installed "$package"; then echo "$package"; fi
  done
}

# apt's own forecast: what it would remove or upgrade stands in the way.
check_packages() {
  local forecast removed upgraded
  ((${#missing[@]} > 0)) || return 0
  mkdir -p "$own"/{lists,archives}/partial
  apt update >&2 || echo "apt-get update failed in part, see above" >&2
  # Allowed here, so that it tells what it would remove.
  if ! forecast=$(apt --simulate -o APT::Get::Remove=true install "${missing[@]}" 2>&1); then
    problems+=("apt can't install ${missing[*]} from /etc/apt: $(grep -E '^(E:|.* : )' <<<"$forecast" | paste -sd ' '); mend its sources, or install them by hand")
    return
  fi
  removed=$(awk '$1 == "Remv" {print $2}' <<<"$forecast" | paste -sd ' ')
  upgraded=$(awk '$1 == "Inst" && $3 ~ /^\[/ {print $2}' <<<"$forecast" | paste -sd ' ')
  [[ -z $removed ]] || problems+=("apt would remove $removed to install ${missing[*]}; install them by hand if these may go")
  [[ -z $upgraded ]] || problems+=("apt would upgrade $upgraded to install ${missing[*]}; apt-get upgrade when it suits, then run again")
}

check_bridge() {
  local problem
  if is_bridge "$(of bridge)" || [[ -d $trial ]]; then return; fi
  problem=$(plan_bridge -)
  if [[ -n $problem ]]; then problems+=("$problem"); fi
}

install_missing() {
  ((${#missing[@]} > 0)) || return 0
  # A killed run may have left a package half configured.
  dpkg --configure --pending >&2
  apt install "${missing[@]}" >&2
}

# Enabled, too: guests start with their hypervisor.
start_libvirt() {
  local unit
  unit=$(first_unit libvirtd.service virtqemud.service)
  if virsh version &>/dev/null && { systemctl is-enabled --quiet "$unit" || systemctl is-enabled --quiet "${unit%.service}.socket"; }; then return; fi
  systemctl enable --now --quiet "$unit"
}

# Whoever keeps the clock goes on; of those that are installed and rest, the first is started.
start_clock() {
  local unit attempt
  if [[ $clock != true ]]; then return; fi
  for unit in "${clocks[@]}"; do
    if systemctl is-active --quiet "$unit"; then return; fi
  done
  unit=$(first_unit "${clocks[@]}")
  systemctl enable --now --quiet "$unit"
  # It takes a moment; whether it came to that is for the preflight to tell.
  for ((attempt = 0; attempt < 60; attempt++)); do
    if [[ $(timedatectl show --property NTPSynchronized --value) = yes ]] || ! systemctl is-active --quiet "$unit"; then return; fi
    sleep 1
  done
}

# The preflight tells what it means where the firmware has switched it off.
load_kvm() {
  if [[ -c /dev/kvm ]]; then return; fi
  if grep -qw vmx /proc/cpuinfo; then modprobe kvm_intel || true; fi
  if grep -qw svm /proc/cpuinfo; then modprobe kvm_amd || true; fi
}

name=$(of name) clock=$(of clock)
clocks=(chrony.service systemd-timesyncd.service ntpsec.service openntpd.service ntp.service)
own=/var/lib/kjerne/prepare
trap 'rm -rf "$own"' EXIT
lacking=$(missing_packages)
mapfile -t missing < <(sed '/^$/d' <<<"$lacking")
check_release
check_packages
check_bridge
if ((${#problems[@]} > 0)); then
  printf 'hypervisor %s is not prepared, and nothing was changed; %d reason(s):\n' "$name" "${#problems[@]}" >&2
  printf '  %s\n' "${problems[@]}" >&2
  exit 1
fi
install_missing
start_libvirt
start_clock
load_kvm
make_bridge
