#!/usr/bin/env bash
# What a machine is and how it is connected, from which `make new` decides the settings of a stack. Changes nothing.
#
# stdout: {"name", "codename", "container", "ipvs", "cpus", "availableMiB", "links": `ip -json -4 address`,
#         "routes": `ip -json -4 route`, "debianKeys": BASE64, "bridges": [LINK…], "nameServers": [ADDRESS…]}
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

# Lines of stdin as the values of a list in JSON.
list() { awk '{ printf "%s\"%s\"", (NR > 1 ? "," : ""), $1 }'; }

container=false ipvs=false
if systemd-detect-virt --quiet --container; then container=true; fi
if modprobe --dry-run --quiet ip_vs; then ipvs=true; fi
# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-unknown}")

# Where this file names systemd-resolved on the machine itself, the other one has those whom that asks.
resolver=/etc/resolv.conf
if grep -q '^nameserver 127\.0\.0\.53' "$resolver" && [[ -e /run/systemd/resolve/resolv.conf ]]; then
  resolver=/run/systemd/resolve/resolv.conf
fi
nameServers=$(awk '$1 == "nameserver" { print $2 }' "$resolver" | list)
bridges=$(for link in /sys/class/net/*; do if [[ -d $link/bridge ]]; then echo "${link##*/}"; fi; done | list)
debianKeys=$(base64 --wrap 0 /usr/share/keyrings/debian-archive-keyring.gpg 2>/dev/null || true)
printf '{"name":"%s","codename":"%s","container":%s,"ipvs":%s,"cpus":%d,"availableMiB":%d,"links":%s,"routes":%s,"debianKeys":"%s","bridges":[%s],"nameServers":[%s]}\n' \
  "$(hostname)" "$codename" "$container" "$ipvs" "$(nproc)" "$(awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo)" \
  "$(ip -json -4 address)" "$(ip -json -4 route)" "$debianKeys" "$bridges" "$nameServers"
