#!/usr/bin/env bash
# Refuses a control plane that can't take backups, before anything there changes.
set -euo pipefail
missing=()
for program in age rclone; do command -v "$program" >/dev/null || missing+=("$program"); done
((${#missing[@]} > 0)) || exit 0
echo "$(hostname) has no ${missing[*]}, which kjerne:backup needs: its image was made before. Nothing was changed here. Make its machine anew, one control plane at a time (docs/operations.md, \"Security updates\"), or take kjerne:backup out" >&2
exit 1
