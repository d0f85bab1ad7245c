#!/usr/bin/env bash
# Keeps the bridge that prepare.sh has made in another ssh session: that this runs shows that a new one can be had.
#
# stdin: as prepare.sh has it
set -euo pipefail

wanted=$(cat)
source hypervisor/bridge.sh

confirm_bridge
