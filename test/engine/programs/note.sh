#!/bin/bash
# Appends "ran" to the file in its input's `log` and prints its input's `word`.
set -euo pipefail
input=$(cat)
echo ran >>"$(jq -r .log <<<"$input")"
jq -r .word <<<"$input"
