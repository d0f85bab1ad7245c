#!/usr/bin/env bash
# Refuses to take addresses away that Services of type LoadBalancer have, whoever gave them: clients would find nobody there.
# Runs on a control plane before anything of Calico's or MetalLB's is changed; changes nothing. Reads
#   {"cidrs": [NETWORKS FROM NOW ON], "by": "calico" | "metallb"}
set -euo pipefail

asked=$(cat)
export KUBECONFIG=${KUBECONFIG:-/etc/kubernetes/admin.conf}
ask() { kubectl --request-timeout 60s get "$@" --ignore-not-found --output json; }

kinds=$(kubectl --request-timeout 60s get customresourcedefinitions --show-managed-fields --output json |
  jq -c '[.items[] | select(.metadata.name | IN("bgpconfigurations.crd.projectcalico.org", "ipaddresspools.metallb.io")) | {(.metadata.name): [.metadata.managedFields[]?.manager]}] | add // {}')
before=null
if jq -e 'has("bgpconfigurations.crd.projectcalico.org")' <<<"$kinds" >/dev/null; then
  before=$(ask bgpconfigurations.crd.projectcalico.org default)
fi

ask services --all-namespaces | jq --raw-output --argjson asked "$asked" --argjson kinds "$kinds" --argjson before "${before:-null}" '
  def number: split(".") | reduce .[] as $byte (0; . * 256 + ($byte | tonumber));
  def within($cidrs): . as $address | any($cidrs[]; split("/") as [$first, $bits]
    | pow(2; 32 - ($bits | tonumber)) as $size
    | (($address | number) / $size | floor) == (($first | number) / $size | floor));
  [$before.spec.serviceLoadBalancerIPs[]?.cidr] as $announced
  | $kinds["ipaddresspools.metallb.io"] as $managers
  | [if $asked.by == "metallb" and $asked.cidrs != [] and $managers and ($managers | index("kjerne") | not) then
      "MetalLB is here already, and somebody else installed it: its kinds would be replaced, and two controllers would give addresses. Leave network.loadBalancerCidrs out and go on with yours, or remove it before"
    else empty end]
    + [.items[] | select(.spec.type == "LoadBalancer" and .spec.loadBalancerClass == null)
      | "\(.metadata.namespace)/\(.metadata.name)" as $name | .metadata.annotations as $notes
      | .status.loadBalancer.ingress[]?.ip | select(. != null and (contains(":") | not))
      | if within($announced) and (within($asked.cidrs) | not) then
          "Service \($name) has \(.), which no network of network.loadBalancerCidrs holds any more. Keep its network, or give the Service another address before: delete it, or ask for one with spec.loadBalancerIP"
        elif $asked.cidrs != [] and (within($asked.cidrs) | not) then
          "Service \($name) has \(.) from somebody else, which would be taken away, since no network of network.loadBalancerCidrs holds it. Make the Service anew with the loadBalancerClass of whoever gives its address, or take that network into network.loadBalancerCidrs"
        elif within($announced) and $asked.by == "calico" and $managers and ($notes["projectcalico.org/loadBalancerIPs"] == null) then
          "Service \($name) has \(.) of MetalLB, and from now on Calico gives addresses, which would give it another one. To keep it: kubectl --namespace \($name | split("/")[0]) annotate service \($name | split("/")[1]) projectcalico.org/loadBalancerIPs=\u0027\([.] | tojson)\u0027"
        else empty end]
  | if . == [] then empty else join("\n") + "\n" | halt_error(1) end'
