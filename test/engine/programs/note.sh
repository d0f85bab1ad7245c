#!/bin/bash
# Notes that it ran, in the file that its input names, and prints the rest of its input.
set -euo pipefail
input=$(cat)
echo ran >>"$(jq -r .log <<<"$input")"
jq -r .word <<<"$input"
