#!/usr/bin/env bash
# Makes this node the first control plane of a cluster, from the files in /etc/kubernetes/kjerne, and prints
# {"kubeconfig": …, "caHash": "sha256:…"}. Where another control plane has the cluster, this one joins it. Safe to run again:
# a run that was cut off starts over, since nobody can have joined before the answer below was given; a cluster that exists
# takes over what changed in its configuration. Whatever it did not begin itself it never resets: data of a cluster stop it.
#
# stdin: {"name", "address", "others": {NAME: ADDRESS} of the other control planes,
#         "join": JoinConfiguration, which holds a token, or "" where the others have no cluster}
set -euo pipefail
umask 077
source kubeadm/ca-hash.sh
source kubeadm/joining.sh
export KUBECONFIG=/etc/kubernetes/admin.conf
directory=/etc/kubernetes/kjerne
config=$directory/kubeadm.yaml
began=/var/lib/kjerne/init-began
restored=/var/lib/kjerne/restored # kjerne-restore has put a cluster's data and keys here, for kubeadm to start from
asked=$(cat)

# A cluster that others have already: a second one of the same name must not begin here.
refuse_second() {
  local name address endpoint found=()
  if [[ ! -e $began && ! -e $restored ]] && { compgen -G '/var/lib/etcd/member/*' >/dev/null || [[ -e /etc/kubernetes/manifests/etcd.yaml || -e /etc/kubernetes/kubelet.conf ]]; }; then
    found+=("this machine has data of a cluster (/var/lib/etcd, /etc/kubernetes) that this script did not begin")
  fi
  while IFS=$'\t' read -r name address; do
    if timeout 5 bash -c "exec 3<>/dev/tcp/$address/6443" 2>/dev/null; then
      found+=("$name at $address serves an API already")
    fi
  done < <(jq -r '.others | to_entries[] | [.key, .value] | @tsv' <<<"$asked")
  # Not after a run that was cut off: what that has begun on this machine may serve there.
  endpoint=$(awk '$1 == "controlPlaneEndpoint:" { print $2 }' "$config")
  if [[ -n $endpoint && ! -e $began ]] && curl --silent --insecure --max-time 5 --output /dev/null "https://$endpoint/readyz"; then
    found+=("an API answers at kubernetes.endpoint ($endpoint) already, and none of the control planes in kjerne:nodes is in its cluster")
  fi
  ((${#found[@]} > 0)) || return 0
  printf '%s must start a cluster, and there is one:\n' "$(jq -r .name <<<"$asked")" >&2
  printf '  %s\n' "${found[@]}" >&2
  echo "Nothing was changed. Where this machine lost its disks, give it a name in kjerne:nodes that sorts after the other control planes'; it then joins. Where the data are of no use any more: kubeadm reset on this machine, and run again." >&2
  exit 1
}

ignored=()
# As a reset would, but for the data and keys: a run that was cut off has left manifests and kubeconfigs.
begin_from_backup() {
  if [[ ! -e /var/lib/etcd/member ]]; then
    echo "kjerne-restore was cut off on this machine before etcd's data were there: run it again" >&2
    exit 1
  fi
  systemctl stop kubelet >&2
  rm -f /etc/kubernetes/manifests/*.yaml /etc/kubernetes/*.conf
  # Those of the host's network alone: Calico asks the API server before it takes down another one's.
  crictl pods --quiet --label tier=control-plane | xargs --no-run-if-empty crictl rmp --force >&2
  ignored=(--ignore-preflight-errors DirAvailable--var-lib-etcd)
}

if [[ -e /var/lib/kjerne/control-plane || -e /var/lib/kjerne/joined ]]; then # there is a cluster
  kjerne-register-again
  kjerne-configure-control-plane
elif [[ -n $(jq -r '.join // empty' <<<"$asked") && ! -e $restored ]]; then
  jq -r .join <<<"$asked" | join_cluster
  kjerne-configure-control-plane --made
else
  kubeadm config validate --config "$config" >&2
  refuse_second # also after a run that was cut off: another control plane may have begun the cluster since
  if [[ -e $restored ]]; then
    begin_from_backup
  elif [[ -e $began ]]; then
    kubeadm reset --force >&2
  else
    mkdir -p "$(dirname "$began")"
    touch "$began"
  fi
  kjerne-etcd-disk >&2
  chmod 0700 /var/lib/etcd # its disk comes with 0755; etcd warns, CIS 1.1.11 asks for it
  systemctl enable kubelet >&2
  until_runtime_answers
  kubeadm init --config "$config" --skip-token-print "${ignored[@]}" >&2
  kjerne-configure-control-plane --made
fi
# From here on by the endpoint, whose address or load balancer leads here only once it found this API server ready.
deadline=$((SECONDS + 300))
until kubectl get --raw /readyz --request-timeout 10s &>/dev/null; do
  if ((SECONDS > deadline)); then
    kubectl get --raw /readyz --request-timeout 10s >&2 || true # says the address, and why
    echo "the API server runs here, and does not answer by kubernetes.endpoint: who has its address? (journalctl --unit keepalived, or kjerne-endpoint, or your load balancer)" >&2
    exit 1
  fi
  sleep 1
done
# kjerne-csr-approver lets no other name and address have a certificate.
jq '{apiVersion: "v1", kind: "ConfigMap", metadata: {name: "kjerne-nodes", namespace: "kube-system"}, data: {(.name): .address}}' <<<"$asked" |
  kubectl apply --server-side --force-conflicts --field-manager "kjerne-$(jq -r .name <<<"$asked")" --filename - >&2
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
jq --null-input --compact-output --rawfile kubeconfig "$directory/operator.conf" --arg hash "$(ca_hash)" \
  '{kubeconfig: $kubeconfig, caHash: $hash}'
