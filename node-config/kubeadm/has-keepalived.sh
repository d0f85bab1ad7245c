#!/usr/bin/env bash
# Refuses a control plane that can't have the endpoint's address in turn, before anything there changes.
set -euo pipefail
command -v keepalived >/dev/null && exit 0
echo "$(hostname) has no keepalived, which by: vrrp of kubernetes.endpoint needs: its image was made before. Nothing was changed here. Make its machine anew, one control plane at a time (docs/operations.md, \"Security updates\"), or set by: yours" >&2
exit 1
