#!/usr/bin/env bash
# Makes a certificate by which a Service shows who it is, with its key, and prints both and the cluster's CA in base64:
# {"certificate", "key", "authority"}. It serves nobody as a client. Neither stays on this machine. Runs on a control plane.
# Reads {"name": DNS NAME, "days"}.
set -euo pipefail
umask 077
asked=$(cat)
name=$(jq -r .name <<<"$asked")
pki=${PKI:-/etc/kubernetes/pki}
directory=$(mktemp --directory /run/kjerne-XXXXXX)
trap 'rm -rf "$directory"' EXIT
cat >"$directory/request" <<END
[req]
prompt = no
distinguished_name = subject
x509_extensions = extensions
[subject]
CN = $name
[extensions]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = DNS:$name
END
openssl req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config "$directory/request" \
  -days "$(jq -r .days <<<"$asked")" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" \
  -keyout "$directory/key" -out "$directory/certificate" 2>"$directory/log" || { cat "$directory/log" >&2; exit 1; }
jq --null-input --compact-output \
  --arg certificate "$(base64 -w 0 <"$directory/certificate")" --arg key "$(base64 -w 0 <"$directory/key")" \
  --arg authority "$(base64 -w 0 <"$pki/ca.crt")" '$ARGS.named'
