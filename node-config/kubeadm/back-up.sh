#!/usr/bin/env bash
# Takes a backup of etcd now, by the settings that are on this control plane, and prints its name. Safe to run again: it
# takes another one.
set -euo pipefail
kjerne-backup now >&2
jq --raw-output .newest.name /var/lib/kjerne/backup.json
