#!/usr/bin/env bash
# Prints what an operator would find on a machine: packages, files with their contents, accounts, kernel settings,
# interfaces, routes, packet filters, mounts and units. Left out is what changes by itself: logs, caches, counters.
set -euo pipefail

echo "# packages, and those on hold"
dpkg-query --show --showformat='${db:Status-Abbrev} ${Package} ${Version}\n'
apt-mark showhold
echo "# files"
find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var \) -prune -o -printf '%M %u %g %p %l\n' | sort
find /var/lib /var/spool /var/opt -xdev -printf '%M %u %g %p %l\n' | grep -vE ' /var/lib/(dpkg|apt|systemd|ucf)/' | sort
# What packages bring in goes into groups for good, and userdel keeps copies; release.sh says so.
find /etc -type f ! -name 'g*shadow*' ! -name 'group*' ! -name passwd- ! -name shadow- ! -name ld.so.cache -exec sha256sum {} + | sort --key 2
echo "# kernel settings"
sysctl --all 2>/dev/null | grep -E '^(net|vm|kernel\.(panic|keys)|fs\.inotify)' | grep -vE 'nf_conntrack_count|lru|vm\.(stat|drop)'
echo "# network"
# Without the number of the other end, which is another after a power cut.
{ ip -brief link && ip -brief address; } | sed 's/@if[0-9]*//; s/  */ /g'
ip route
ip rule
echo "# mounts"
cut -d ' ' -f 2 /proc/mounts | grep -v '^/run/user' | sort
echo "# units"
systemctl list-unit-files --no-legend | awk '{print $1, $2}' | grep -v '^session-'
systemctl list-units --plain --no-legend --state failed
echo "# processes"
pgrep --list-name 'kube|containerd|calico|bird|etcd' || true
