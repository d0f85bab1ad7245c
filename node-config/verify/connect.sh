#!/bin/sh
# Runs in a probe pod, after all of them are Ready. Tries connections in the order given and prints how each ended, a
# line each, with tabs between: ID, exit status, last words.
# Arguments: for how many seconds to try again what must pass, for how many to wait for an answer; then for each
# connection "passes" or "refused", ID, HOST:PORT.
# When something that must pass doesn't, it tries nothing after it: so when something is refused, this very pod was
# connected and its policies were in force.
set -eu

patience=$1 silence=$2
shift 2
deadline=$(($(date +%s) + patience))

attempt() {
  status=0
  message=$(./agnhost connect "$target" --timeout="$silence"s 2>&1) || status=$?
}

# Whether this try counts. A failure of DNS does not count as refused: no packet went to the target.
counts() {
  case $kind in
    passes) [ "$status" = 0 ] ;;
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
    passes)
      try
      [ "$status" = 0 ] || exit 0
      ;;
    # Each waits for an answer that must not come: all at once.
    refused) try & ;;
  esac
done
wait
