#!/usr/bin/env bash
# Functions that look whether a machine's network can be a node's; machine/preflight.sh is sent with them, and has its
# input in variables and collects each `problem`.
# shellcheck disable=SC2154  # variables that the input names
set -euo pipefail

check_network() {
  local link found
  link=$(ip -brief address | awk -v address="$address" '{for (i = 3; i <= NF; i++) if (index($i, address "/") == 1) print $1}')
  link=${link%%@*}
  if [[ -z $link ]]; then
    problem "address: no interface has $address; give the node one of: $(ip -brief -4 address | awk '$1 != "lo" {print $3}' | paste -sd ' ')"
  else
    found=$(<"/sys/class/net/$link/mtu")
    ((found >= mtu)) || problem "MTU: $link has $found and the settings say $mtu; set network.mtu: $found, or raise it on $link"
    [[ $autodetection != interface=* || $autodetection = "interface=$link" ]] ||
      problem "interface: $address is on $link and Calico would look at $autodetection; set network.calico.autodetection: kubernetes-internal-ip"
  fi
  if ! grep -q '^nameserver' /etc/resolv.conf || grep -qE '^nameserver +(127\.|::1)' /etc/resolv.conf; then
    problem "name servers: /etc/resolv.conf names none beyond this machine ($(grep '^nameserver' /etc/resolv.conf | paste -sd ' ')), and CoreDNS would ask itself; with systemd-resolved: ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf"
  fi
  if grep -qs "manage_etc_hosts" /etc/hosts; then
    problem "hosts: cloud-init writes /etc/hosts anew at each boot, and the API server's name would be gone; set manage_etc_hosts: false in /etc/cloud/cloud.cfg.d"
  fi
}

# Its settings are the operator's: nothing here sets them, and so they last.
check_fabric() {
  local card=${fabricInterface:-} link mtu
  [[ -n $card ]] || return 0
  if ! link=$(ip -oneline link show dev "$card" 2>/dev/null); then
    # A pod has it, for this node gives it to pods already.
    if grep -qsF "\"card\": \"$card\"" /etc/kjerne/fabric/20-kjerne-fabric.conflist; then return; fi
    problem "fabric: there is no $card; name the machine's card on the fabric in machine.fabricInterface, one of: $(ip -brief link | awk '$1 !~ /^(lo$|cali)/ {sub("@.*", "", $1); print $1}' | paste -sd ' ')"
    return
  fi
  mtu=$(sed -E 's/.* mtu ([0-9]+) .*/\1/' <<<"$link")
  ((mtu >= fabricMtu)) || problem "fabric: $card has an MTU of $mtu and the settings say $fabricMtu; raise it on $card and on the fabric's switches, or set network.fabric.mtu: $mtu"
  [[ $link =~ [\<,]UP[,\>] ]] || problem "fabric: $card is down; set it up, at each boot too (ip link set $card up)"
  ! ip -brief address show dev "$card" | grep -qF " $address/" ||
    problem "fabric: $card has the node's own address $address, and pods there would be on the nodes' network; name a card of its own in machine.fabricInterface"
  [[ $fabricKind != sr-iov ]] || (($(cat "/sys/class/net/$card/device/sriov_numvfs" 2>/dev/null || echo 0) > 0)) ||
    problem "fabric: $card has no virtual functions for pods; make some at each boot before containerd starts (echo 8 >/sys/class/net/$card/device/sriov_numvfs), or choose another network.fabric.kind"
}
