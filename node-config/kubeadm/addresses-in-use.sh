#!/usr/bin/env bash
# Refuses to give up addresses that Services of type LoadBalancer have: clients would find nobody there. Runs on a control
# plane before anything of Calico's or MetalLB's is changed; changes nothing. Reads
#   {"cidrs": [NETWORKS FROM NOW ON], "by": "calico" | "metallb"}
set -euo pipefail

asked=$(cat)
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
ask() { kubectl --request-timeout 60s get "$@" --ignore-not-found --output json; }

kinds=$(kubectl --request-timeout 60s get customresourcedefinitions --output name)
has() { grep --quiet --line-regexp "customresourcedefinition.apiextensions.k8s.io/$1" <<<"$kinds"; }
if ! has bgpconfigurations.crd.projectcalico.org; then exit; fi
before=$(ask bgpconfigurations.crd.projectcalico.org default)
if has ipaddresspools.metallb.io; then given=metallb; else given=calico; fi

ask services --all-namespaces | jq --raw-output --argjson asked "$asked" --argjson before "${before:-null}" --arg given "$given" '
  def number: split(".") | reduce .[] as $byte (0; . * 256 + ($byte | tonumber));
  def within($cidrs): . as $address | any($cidrs[]; split("/") as [$first, $bits]
    | pow(2; 32 - ($bits | tonumber)) as $size
    | (($address | number) / $size | floor) == (($first | number) / $size | floor));
  [$before.spec.serviceLoadBalancerIPs[]?.cidr] as $announced
  | [.items[] | select(.spec.type == "LoadBalancer" and .spec.loadBalancerClass == null)
      | "\(.metadata.namespace)/\(.metadata.name)" as $name | .metadata.annotations as $notes
      | .status.loadBalancer.ingress[]?.ip | select(. != null and (contains(":") | not) and within($announced))
      | if within($asked.cidrs) | not then
          "Service \($name) has \(.), which no network of network.loadBalancerCidrs holds any more. Keep its network, or give the Service another address before: delete it, or ask for one with spec.loadBalancerIP"
        elif $asked.by == "calico" and $given == "metallb" and ($notes["projectcalico.org/loadBalancerIPs"] == null) then
          "Service \($name) has \(.) of MetalLB, and from now on Calico gives addresses, which would give it another one. To keep it: kubectl --namespace \($name | split("/")[0]) annotate service \($name | split("/")[1]) projectcalico.org/loadBalancerIPs=\u0027\([.] | tojson)\u0027"
        else empty end]
  | if . == [] then empty else join("\n") + "\n" | halt_error(1) end'
