#!/usr/bin/env bash
# Which addresses of its own networks answer a machine's ARP, for `make new`: whether other nodes are in reach, and whether
# an address that nobody should have is free. Sends each an empty packet to the discard port, and changes nothing.
#
# stdin: addresses, separated by blanks
# stdout: those that answer, one a line
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

read -ra addresses || true # without a line break at the end
for address in "${addresses[@]}"; do
  echo >"/dev/udp/$address/9" || true
done 2>/dev/null
sleep 3 # the kernel asks three times, a second apart
for address in "${addresses[@]}"; do
  if [[ $(ip neighbour show to "$address") = *lladdr* || -n $(ip -4 -brief address show to "$address") ]]; then echo "$address"; fi
done
