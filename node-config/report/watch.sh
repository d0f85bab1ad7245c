#!/usr/bin/env bash
# Prints what a machine's processors, connection table and kube-proxy do while the paths between nodes are measured, as
# JSON: {NAME: {status, stdout, stderr}}. It judges nothing and changes nothing; a command that fails is a reading too.
# Reads {"seconds": HOW LONG IT TAKES, "own": SEE processor.py, "processor": TEXT OF processor.py,
# "proxyMode": KUBE-PROXY'S, OR "" WHERE THERE IS NONE,
# "landmarks": [ADDRESS:PORT...] WHOSE ROUND TRIPS ARE TIMED, "roundTrips": TEXT OF round-trips.py}.
# Takes `reading` and `readings` from reading.sh.
set -euo pipefail

input=$(cat)
of() { jq -r ".$1" <<<"$input"; }
seconds=$(of seconds)
mode=$(of proxyMode)
mapfile -t landmarks < <(jq -r '.landmarks[]' <<<"$input")

conntrack_use() {
  cat /proc/sys/net/netfilter/nf_conntrack_{count,max}
}

# Connections whose destination was replaced, counted: PROTOCOL SERVICE PORT ENDPOINT PORT, and how many.
conntrack_services() {
  conntrack -L 2>/dev/null | awk '
    { delete original; delete reply
      for (field = 1; field <= NF; field++) {
        split($field, pair, "=")
        if (pair[2] == "") continue
        if (pair[1] in original) reply[pair[1]] = pair[2]; else original[pair[1]] = pair[2]
      }
      if (original["dst"] != reply["src"] && reply["src"] != "")
        count[$1 " " original["dst"] " " original["dport"] " " reply["src"] " " reply["sport"]]++ }
    END { for (flow in count) print flow, count[flow] }'
}

export -f conntrack_use conntrack_services

# Longer than `reading` lets a command run.
watched() {
  local status=0
  timeout $((seconds + 60)) python3 -IS -c "$(of processor)" "$seconds" "$(of own)" \
    >"${kept:?}/processor.stdout" 2>"$kept/processor.stderr" || status=$?
  echo "$status" >"$kept/processor.status"
}

everything() {
  reading bootTime grep '^btime ' /proc/stat
  reading processors nproc
  reading conntrackBefore cat /proc/net/stat/nf_conntrack
  watched
  reading conntrackAfter cat /proc/net/stat/nf_conntrack
  reading conntrackUse conntrack_use
  ((${#landmarks[@]} == 0)) || reading roundTrips python3 -IS -c "$(of roundTrips)" "${landmarks[@]}"
  case $mode in
    ipvs)
      reading ipvs ipvsadm -Ln
      reading ipvsTimeouts ipvsadm -Ln --timeout
      ;;
    nftables) reading nftables nft -j list table ip kube-proxy ;;
    iptables) reading iptables iptables-save -t nat ;;
  esac
  case $mode in nftables | iptables) reading connections conntrack_services ;; esac
}
readings everything
