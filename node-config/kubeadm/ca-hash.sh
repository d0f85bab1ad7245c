#!/usr/bin/env bash
# A function for scripts on a control plane.
set -euo pipefail

# sha256:… of the cluster CA's public key, in hexadecimal: what a joining node pins.
ca_hash() {
  local hash
  hash=$(openssl x509 -in /etc/kubernetes/pki/ca.crt -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum)
  echo "sha256:${hash%% *}"
}
