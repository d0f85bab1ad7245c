#!/usr/bin/env bash
# Makes this node the first control plane of a cluster, from the files in /etc/kubernetes/kjerne, and prints
# {"kubeconfig": …, "caHash": "sha256:…"}. Safe to run again: a run that was cut off starts over, since nobody can have
# joined before the answer below was given; a cluster that exists takes over what changed in its configuration.
set -euo pipefail
umask 077
export KUBECONFIG=/etc/kubernetes/admin.conf
directory=/etc/kubernetes/kjerne
config=$directory/kubeadm.yaml

if [[ -e /var/lib/kjerne/control-plane ]]; then # kjerne-configure-control-plane wrote it: there is a cluster
  kjerne-configure-control-plane
else
  if [[ -e /etc/kubernetes/manifests/kube-apiserver.yaml || -e /etc/kubernetes/kubelet.conf ]]; then
    kubeadm reset --force >&2
  fi
  chmod 0700 /var/lib/etcd # its disk comes with 0755; etcd warns, CIS 1.1.11 asks for it
  systemctl enable kubelet >&2
  kubeadm init --config "$config" --skip-token-print >&2
  kjerne-configure-control-plane --made
fi
systemctl enable --now kjerne-csr-approver >&2

# True while the operator's certificate is there and has more than 90 days left.
operator_valid() {
  [[ -s $directory/operator.conf ]] || return 1
  kubectl config view --raw --kubeconfig "$directory/operator.conf" \
    --output 'jsonpath={.users[0].user.client-certificate-data}' |
    base64 -d | openssl x509 -noout -checkend "$((90 * 24 * 3600))" >&2
}

if ! operator_valid; then
  kubeadm kubeconfig user --config "$config" --client-name kjerne-operator --org kubeadm:cluster-admins \
    --validity-period 8760h >"$directory/operator.conf.new"
  mv "$directory/operator.conf.new" "$directory/operator.conf"
fi
hash=$(openssl x509 -in /etc/kubernetes/pki/ca.crt -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum)
jq --null-input --compact-output --rawfile kubeconfig "$directory/operator.conf" --arg hash "sha256:${hash%% *}" \
  '{kubeconfig: $kubeconfig, caHash: $hash}'
