#!/usr/bin/env bash
# This comment is in the script and in no error.
set -euo pipefail
echo "the pool lies on a rotating disk; choose another" >&2
exit 3
