#!/usr/bin/env bash
# Refuses a machine on which somebody else has the name of the verification's login, before anything there changes: it would
# become root by a program of kjerne's, and go with kjerne's files.
set -euo pipefail
home=$(getent passwd kjerne-look | cut -d : -f 6 || true)
if [[ -n $home && $home != /var/lib/kjerne-look ]]; then
  echo "$(hostname) has a user kjerne-look that kjerne did not make (home $home). Nothing was changed here. Rename or remove that user, or take everyMinutes of verification out" >&2
  exit 1
fi
