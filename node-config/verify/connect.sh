#!/bin/sh
# Runs in a probe pod, after all of them are Ready. Tries connections in the order given and prints how each ended, a
# line each, with tabs between: ID, exit status, last words.
# Arguments: for how many seconds to try again what must pass, for how many to wait for an answer, how many bytes a
# transfer has, and how many an echo; then for each connection "passes", "carries" or "refused", ID, HOST:PORT, or
# "whole", ID, ADDRESS.
# "carries" sends so many bytes in a header of HTTP, for a server need not read a body, and must get as many back.
# "whole" asks for an echo of so many bytes, in one packet.
# When something that must pass doesn't, it tries nothing after it: so when something is refused, this very pod was
# connected and its policies were in force.
set -eu

patience=$1 silence=$2 bytes=$3 whole=$4
shift 4
deadline=$(($(date +%s) + patience))

attempt() {
  status=0
  if [ "$kind" = carries ]; then
    carried=$(timeout "$silence" wget -q -O - --header "X-Payload: $payload" "http://$target/" 2>/dev/null | wc -c)
    message="$((carried)) of $bytes bytes came back"
    [ "$carried" -ge "$bytes" ] || status=1
    return 0
  fi
  if [ "$kind" = whole ]; then
    mtu=$(cat /sys/class/net/eth1/mtu)
    if [ "$mtu" -lt $((whole + 28)) ]; then
      status=1 message="eth1 takes $mtu bytes at most" # a larger echo would go in pieces
      return 0
    fi
    message=$(ping -c 1 -W "$silence" -s "$whole" "$target" 2>&1) || status=$?
    return 0
  fi
  message=$(./agnhost connect "$target" --timeout="$silence"s 2>&1) || status=$?
}

payload=$(head -c "$bytes" /dev/zero | tr '\0' x)

# Whether this try counts. A failure of DNS does not count as refused: no packet went to the target.
counts() {
  case $kind in
    passes | carries | whole) [ "$status" = 0 ] ;;
    refused) case $message in DNS*) false ;; esac ;;
  esac
}

# Until it counts or the time is over; the last attempt is printed.
try() {
  attempt
  until counts || [ "$(date +%s)" -ge "$deadline" ]; do
    sleep 1
    attempt
  done
  printf '%s\t%s\t%s\n' "$id" "$status" "$(printf %s "$message" | tr '\t\n' '  ')"
}

while [ $# -gt 0 ]; do
  kind=$1 id=$2 target=$3
  shift 3
  case $kind in
    # Its connection has opened, so less patience: what large packets don't pass now they won't.
    carries | whole)
      last=$deadline deadline=$(($(date +%s) + patience / 5))
      try
      deadline=$last
      ;;
    passes)
      try
      [ "$status" = 0 ] || exit 0
      ;;
    # Each waits for an answer that must not come: all at once.
    refused) try & ;;
  esac
done
wait
