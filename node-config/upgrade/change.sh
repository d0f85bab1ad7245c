#!/usr/bin/env bash
# Gives one node of a running cluster the Kubernetes and the container runtime of the settings. Reads what
# machine/software.sh does, and
#   {"step": "fetch" | "change", "part": "first" | "control-plane" | "worker", "version": "1.36.3",
#    "configuration": YAML of kubeadm's UpgradeConfiguration}
# `fetch` only brings packages and images to the node. `change` is for a drained node; on control planes etcd has to be
# whole before and after. Safe to run again; goes on where it was cut off.
# https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-upgrade/
set -euo pipefail
umask 022
export DEBIAN_FRONTEND=noninteractive KUBECONFIG=/etc/kubernetes/admin.conf
wanted=$(cat)
source machine/software.sh
source kubeadm/etcd.sh
state=/var/lib/kjerne
fetched=$state/upgrade
changing=$state/upgrade-to # kubeadm has still to take this node there
part=$(of part)
version=$(of version)

until_whole() {
  local deadline=$((SECONDS + 300))
  [[ $part != worker ]] || return 0
  until etcdctl endpoint health --cluster &>/dev/null; do
    if ((SECONDS > deadline)); then
      echo "not every member of etcd is healthy after 5 minutes, so this control plane $1; see: crictl exec \$(crictl ps -q --name etcd) etcdctl endpoint health --cluster" >&2
      exit 1
    fi
    sleep 2
  done
}

take_there() {
  local config how
  config=$(mktemp /run/kjerne-XXXXXX)
  # shellcheck disable=SC2064  # the file of now
  trap "rm -f '$config'" RETURN
  of configuration >"$config"
  how=(node)
  if [[ $part == first ]]; then how=(apply --yes); fi
  # kube-proxy has a component of its own, which comes after all control planes.
  if [[ $part != worker ]]; then how+=(--skip-phases addon/kube-proxy); fi
  kubeadm upgrade "${how[@]}" --config "$config" >&2
}

mkdir -p "$state"
if [[ $(of step) == fetch ]]; then
  missing_packages | install_packages "$fetched" --download-only
  pull_images
  exit
fi
until_whole "stays as it is"
if [[ $part != worker ]] && command -v kjerne-give-endpoint >/dev/null; then
  trap 'kjerne-give-endpoint back' EXIT
  kjerne-give-endpoint away >&2
fi
if [[ $(kubelet --version) != "Kubernetes v$version" ]]; then echo "$version" >"$changing"; fi
# Back, too, as long as no control plane has been changed.
missing_packages | install_packages "$fetched" --allow-downgrades
of held | xargs --no-run-if-empty apt-mark hold >/dev/null
if [[ -e $changing ]]; then take_there; fi
restart_what_changed
rm -rf "$fetched" "$changing"
remember_software
until_whole "was changed, and no other one is"
echo "has Kubernetes $version" >&2
