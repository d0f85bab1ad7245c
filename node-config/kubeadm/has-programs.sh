#!/usr/bin/env bash
# Refuses a control plane that lacks programs, before anything there changes.
# stdin: {"programs": [NAME…], "for": THE SETTING THAT NEEDS THEM, "otherwise": HOW TO DO WITHOUT}
set -euo pipefail
wanted=$(cat)
of() { jq -r "$1" <<<"$wanted"; }
missing=()
for program in $(of '.programs[]'); do command -v "$program" >/dev/null || missing+=("$program"); done
((${#missing[@]} > 0)) || exit 0
echo "$(hostname) has no ${missing[*]}, which $(of .for) needs: its image was made before. Nothing was changed here. Make its machine anew, one control plane at a time (docs/operations.md, \"Security updates\"), or $(of .otherwise)" >&2
exit 1
