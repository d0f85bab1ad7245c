#!/usr/bin/env bash
# Runs packets.py, whose text is "program" in the input; the rest of the input is for that program.
set -euo pipefail
input=$(cat)
exec python3 -I -c "$(python3 -I -c 'import json, sys; print(json.load(sys.stdin)["program"])' <<<"$input")" <<<"$input"
