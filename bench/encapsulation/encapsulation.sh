#!/usr/bin/env bash
# Two nodes with a pod each, in namespaces, joined by one wire. Sends the same payload from node to node, and from pod to
# pod plainly routed and in both tunnels. Writes what passed the wire on its way there, as the interface counted it:
# a line of JSON on descriptor 3 for each.
set -euo pipefail
payload=$((16 << 20))

for module in veth ipip vxlan; do modprobe "$module"; done
for name in node1 node2 pod1 pod2; do
  ip netns add "$name"
  ip -n "$name" link set lo up
done

# Nothing may be cut into packets later than at the sender: an interface would count it once, with one header.
end_of_link() { # namespace, link, address
  ip -n "$1" address add "$3" dev "$2"
  ip -n "$1" link set "$2" up
  ip netns exec "$1" ethtool -K "$2" tx off sg off tso off gso off gro off >/dev/null
}

link() { # namespace, link and address of one end, then of the other
  ip -n "$1" link add "$2" type veth peer name "$5" netns "$4"
  end_of_link "$1" "$2" "$3"
  end_of_link "$4" "$5" "$6"
}

link node1 eth0 10.20.0.1/24 node2 eth0 10.20.0.2/24
for at in 1 2; do
  link "node$at" pod "10.30.$at.1/24" "pod$at" eth0 "10.30.$at.2/24"
  ip -n "pod$at" route add default via "10.30.$at.1"
  ip netns exec "node$at" sysctl --quiet --write net.ipv4.ip_forward=1
done

# As Calico does it: each node has a route to the other's pods, by the node itself or by the tunnel, and pods have the
# tunnel's MTU.
route() { # MTU, third octet of the other node's address, more of the route
  local at
  for at in 1 2; do
    ip -n "node$at" route replace "10.30.$((3 - at)).0/24" via "10.$2.0.$((3 - at))" "${@:3}"
    ip -n "node$at" link set pod mtu "$1"
    ip -n "pod$at" link set eth0 mtu "$1"
  done
}

tunnel() { # type, MTU, what the type needs
  local at
  for at in 1 2; do
    ip -n "node$at" link add "$1" type "$1" "${@:3}" local "10.20.0.$at" remote "10.20.0.$((3 - at))"
    ip -n "node$at" address add "10.40.0.$at/24" dev "$1"
    ip -n "node$at" link set "$1" mtu "$2" up
  done
  route "$2" 40 dev "$1"
}

sent() { ip -n node1 -s -j link show eth0 | jq -c '.[0].stats64.tx'; }

measure() { # mode, namespace of the sender, of the receiver, address of the receiver
  ip netns exec "$3" ./flow sink "$4" 5201 &
  local receiver=$! before instructions
  until ip netns exec "$3" ss -Hltn 'sport = 5201' | grep -q .; do :; done
  before=$(sent)
  instructions=$(ip netns exec "$2" ./flow send "$4" 5201 "$payload")
  wait "$receiver"
  jq -cnM --arg mode "$1" --argjson payload "$payload" --argjson before "$before" --argjson after "$(sent)" \
    --argjson instructions "$instructions" '{mode: $mode, payload: $payload, bytes: ($after.bytes - $before.bytes),
      packets: ($after.packets - $before.packets), instructions: $instructions}' >&3
}

measure host node1 node2 10.20.0.2
route 1500 20
measure plain pod1 pod2 10.30.2.2
tunnel ipip 1480
measure ipip pod1 pod2 10.30.2.2
tunnel vxlan 1450 id 4096 dstport 4789
measure vxlan pod1 pod2 10.30.2.2
measure "host again" node1 node2 10.20.0.2
