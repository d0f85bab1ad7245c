#!/usr/bin/env bash
# Notes that it began in the file `log` of its input, waits until the file `gate` exists, and notes that it ended.
set -euo pipefail
input=$(cat)
log=$(jq -r .log <<<"$input") gate=$(jq -r .gate <<<"$input")
ps -o ppid= -p "$PPID" >"$log.runner"
echo begin >>"$log"
deadline=$((SECONDS + 300))
until [[ -e $gate ]]; do
  ((SECONDS < deadline)) || { echo "no $gate after 300 s" >&2; exit 1; }
  sleep 0.1
done
echo end >>"$log"
