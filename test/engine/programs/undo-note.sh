#!/bin/bash
# Undoes note.sh.
set -euo pipefail
rm -f "$(jq -r .log)"
