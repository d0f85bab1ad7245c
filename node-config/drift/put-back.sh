#!/usr/bin/env bash
# Puts back what drift/observe.py found on this node, from what lies on it: the writer's records, what adopt.sh installed,
# what kube-proxy.sh applied. What it finds as it should be, it leaves alone.
#
# stdin: {"drift": {WHAT: {"wanted", "found"}}, "sets": [NAME OF A SET, …], "writer": TEXT OF write-files.py}
set -euo pipefail
umask 022
export DEBIAN_FRONTEND=noninteractive KUBECONFIG=/etc/kubernetes/admin.conf
source machine/software.sh
input=$(cat)
state=/var/lib/kjerne

# Names behind a kind's word: `service kubelet.service` gives kubelet.service.
drifted() { jq -r --arg kind "$1 " '.drift | keys[] | select(startswith($kind)) | ltrimstr($kind)' <<<"$input"; }

install_again() {
  wanted=$(<"$state/machine/software")
  missing_packages | install_packages "$state/drift" --allow-downgrades
  rm -rf "$state/drift"
  of held | xargs --no-run-if-empty apt-mark hold >/dev/null
  restart_what_changed
}

# The writer writes what differs, and runs the commands of these files alone.
write_again() {
  local writer set
  writer=$(jq -r .writer <<<"$input")
  while read -r set; do
    jq --arg set "$set" '{set: $set, owner, files, onChange}' "$state/files/$set.json" |
      python3 -I -c "$writer" update
  done < <(jq -r '.sets[]' <<<"$input")
}

start_again() {
  systemctl unmask --quiet "$1"
  systemctl enable --now --quiet "$1"
}

# kube-proxy reads its file at the start only.
apply_again() {
  kubectl apply --server-side --force-conflicts --field-manager kjerne --filename "$state/kube-proxy.json"
  kubectl --namespace kube-system rollout restart daemonset kube-proxy
  kubectl --namespace kube-system rollout status daemonset kube-proxy --timeout 15m
}

# Whoever uses one reads it again with its next connection.
sign_again() {
  local name
  for name; do rm -f "/etc/kubernetes/pki/$name".{crt,key}; done
  kubeadm init phase certs all --config /etc/kubernetes/kjerne/kubeadm.yaml
}

mapfile -t certificates < <(drifted certificate)
if [[ -n $(drifted package) ]]; then install_again; fi
if jq -e 'any(.drift | keys[]; startswith("/"))' <<<"$input" >/dev/null; then write_again; fi
while read -r service; do start_again "$service"; done < <(drifted service)
# One whose file is as it was: the writer has nothing to write.
while read -r setting; do
  value=$(jq -r --arg what "setting $setting" '.drift[$what].wanted | ltrimstr("at least ")' <<<"$input")
  sysctl --quiet --write "$setting=$value"
done < <(drifted setting)
if ((${#certificates[@]} > 0)); then sign_again "${certificates[@]}"; fi
if jq -e '.drift["kube-proxy"]' <<<"$input" >/dev/null; then apply_again; fi
