#!/usr/bin/env bash
# Lets this control plane ask now, instead of minutes later, whether a backup is due, and prints the newest one's name. So it
# is known that it reaches the store, before it is the one that has to. Safe to run again.
set -euo pipefail
if ! systemctl start kjerne-backup.service; then # waits for the one that the timer has started
  jq --raw-output '.problem // empty' /var/lib/kjerne/backup.json >&2
  exit 1
fi
jq --raw-output .newest.name /var/lib/kjerne/backup.json
