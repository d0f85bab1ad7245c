#!/usr/bin/env bash
# Reads nothing of its input, and prints what Pulumi's command provider cannot carry: a line of 200 kB on stderr, and
# bytes that are not UTF-8.
set -euo pipefail
head -c 200000 /dev/zero | tr '\0' x >&2
printf 'bl\xc3\xa5b\xe6r\n'
