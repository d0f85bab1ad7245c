#!/usr/bin/env bash
# Brings this control plane's API server one step on towards a new encryption key: the key reads, or it writes. Does
# nothing where that step, or a later one, has been taken. Reads {"key", "configuration", "controlPlanes"} on stdin.
set -euo pipefail
kjerne-encryption advance
