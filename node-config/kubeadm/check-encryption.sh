#!/usr/bin/env bash
# Refuses an EncryptionConfiguration, on stdin, by which this control plane's API server could no longer read a Secret or
# ConfigMap that lies in etcd. Where there is no API server yet, any is right.
set -euo pipefail
kjerne-encryption check
