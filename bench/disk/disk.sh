#!/usr/bin/env bash
# Writes to two disks as etcd does to its log, each write synced, in rounds of the order A B B A. JSON lines on descriptor 3.
set -euo pipefail
read -r rounds writes <plan

device() { # serial
  grep --files-with-matches --line-regexp "$1" /sys/block/vd*/serial | cut -d / -f 4
}

measure() { # round, disk
  local -i bytes=2300 # about what etcd writes at once: https://etcd.io/docs/v3.5/op-guide/hardware/#disks
  fio --name="$2" --filename="/dev/$(device "$2")" --rw=write --ioengine=sync --fdatasync=1 --bs=$bytes \
    --size=$((bytes * writes)) --output-format=json |
    jq -cM --argjson round "$1" \
      '.jobs[0] | {round: $round, disk: .jobname, nanoseconds: .sync.lat_ns.percentile["50.000000"]}' >&3
}

for ((round = 0; round < rounds; round++)); do
  for disk in product default default product; do measure "$round" "$disk"; done
done
