#!/usr/bin/env bash
# What the scripts beside it share. components/verify/ssh.ts sends it before each of them; it only defines functions.
set -euo pipefail

# reading NAME COMMAND...: runs the command, or a function that was exported, and keeps how it ended. A command that
# fails is a reading too; one that takes two minutes ends with status 124. Beside another lab half a minute was too
# short.
reading() {
  local name=$1 status=0
  shift
  timeout 120 bash -o pipefail -c '"$@"' reading "$@" >"$kept/$name.stdout" 2>"$kept/$name.stderr" || status=$?
  echo "$status" >"$kept/$name.status"
}

# readings LIST: runs the function LIST, which calls `reading` for one thing after another, and prints what was kept as
# JSON: {NAME: {status, stdout, stderr}}. One jq prints them all, for it is slow to start on an emulated processor.
readings() (
  kept=$(mktemp -d)
  trap 'rm -rf "$kept"' EXIT
  "$1"
  texts=()
  for file in "$kept"/*; do texts+=(--rawfile "${file##*/}" "$file"); done
  # A file is called NAME.PART.
  jq -n "${texts[@]}" '
    reduce ($ARGS.named | to_entries[]) as {$key, $value} ({}; setpath($key | split("."); $value))
    | map_values(.status |= tonumber)'
)
