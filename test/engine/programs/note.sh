#!/bin/bash
# Appends "ran" and its argument to the file in its input's `log` and prints its input's `word`.
set -euo pipefail
input=$(cat)
echo "ran $1" >>"$(jq -r .log <<<"$input")"
jq -r .word <<<"$input"
