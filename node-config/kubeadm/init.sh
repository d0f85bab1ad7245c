#!/usr/bin/env bash
# Makes this node the first control plane of a cluster, from the files in /etc/kubernetes/kjerne, and prints
# {"kubeconfig": …, "caHash": "sha256:…"}. Safe to run again: a run that was cut off starts over, since nobody can have
# joined before the answer below was given; a cluster that exists takes over what changed in its configuration.
set -euo pipefail
umask 077
export KUBECONFIG=/etc/kubernetes/admin.conf
directory=/etc/kubernetes/kjerne
config=$directory/kubeadm.yaml
applied=/var/lib/kjerne/control-plane # what the running control plane was made from; its presence: there is a cluster

# encryption.yaml and authentication.yaml are left out: a new key needs a procedure, the other is read again by itself.
wanted=$(cat "$config" "$directory/audit-policy.yaml" | sha256sum)
version=$(awk '$1 == "kubernetesVersion:" { print $2 }' "$config")

# Ready is when it also serves its schema, which it puts together when first asked: clients wait for that half a minute.
# In the form that clients ask for; kubectl would get another.
schema() {
  local pki=/etc/kubernetes/pki
  curl --silent --show-error --fail --output /dev/null --max-time 120 --cacert "$pki/ca.crt" \
    --cert "$pki/apiserver-kubelet-client.crt" --key "$pki/apiserver-kubelet-client.key" \
    --header 'Accept: application/com.github.proto-openapi.spec.v2@v1.0+protobuf' \
    "$(kubectl config view --output 'jsonpath={.clusters[0].cluster.server}')/openapi/v2"
}

until_ready() {
  local deadline=$((SECONDS + 900))
  until kubectl get --raw /readyz >/dev/null && schema; do
    if ((SECONDS > deadline)); then
      echo "the API server is not ready after 15 minutes; see: journalctl -u kubelet, crictl ps -a" >&2
      exit 1
    fi
    sleep 2
  done
}

initialise() {
  if [[ -e /etc/kubernetes/manifests/kube-apiserver.yaml || -e /etc/kubernetes/kubelet.conf ]]; then
    kubeadm reset --force >&2
  fi
  chmod 0700 /var/lib/etcd # its disk comes with 0755; etcd warns, CIS 1.1.11 asks for it
  systemctl enable kubelet >&2
  kubeadm init --config "$config" --skip-token-print >&2
  until_ready
}

# https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-reconfigure/
reconfigure() {
  local running
  running=$(kubectl version --output json | jq -r .serverVersion.gitVersion)
  if [[ $running != "$version" ]]; then
    echo "the cluster runs Kubernetes $running and the settings ask for $version: an upgrade, which this script doesn't do; put kubernetes.version back to ${running#v}" >&2
    exit 1
  fi
  kubeadm init phase upload-config all --config "$config" >&2
  kubeadm init phase control-plane all --config "$config" >&2
  # The audit policy is read at the start only, and a manifest that is the same starts nothing.
  crictl ps --quiet --name '^kube-apiserver$' | xargs --no-run-if-empty crictl stop --timeout 60 >&2
  until_ready
}

if [[ ! -e $applied ]]; then
  initialise
elif [[ $(<"$applied") != "$wanted" ]]; then
  reconfigure
fi
mkdir -p "$(dirname "$applied")"
echo "$wanted" >"$applied"
systemctl enable --now kjerne-csr-approver >&2

if [[ ! -s $directory/operator.conf ]]; then
  kubeadm kubeconfig user --config "$config" --client-name kjerne-operator --org kubeadm:cluster-admins \
    --validity-period 8760h >"$directory/operator.conf.new"
  mv "$directory/operator.conf.new" "$directory/operator.conf"
fi
hash=$(openssl x509 -in /etc/kubernetes/pki/ca.crt -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum)
jq --null-input --compact-output --rawfile kubeconfig "$directory/operator.conf" --arg hash "sha256:${hash%% *}" \
  '{kubeconfig: $kubeconfig, caHash: $hash}'
