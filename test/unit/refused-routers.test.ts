import { accepted, refused } from "./refused";

const peer = (more: object = {}) => [
  { name: "tor1", address: "10.20.0.3", asNumber: 64500, authenticated: false, ...more },
];
const rack = (name: string, asNumber: number, ...nodes: string[]) => ({ name, asNumber, nodes });
const racks = "network.calico.racks";
const reflectors = "network.calico.reflectors";

refused([
  [
    "network.calico.peers",
    peer({ accept: ["0.0.0.0/0"] }),
    /peers\[0\]\.accept\[0\] \(0\.0\.0\.0\/0\): is the default route, by which a router draws .*; name the networks/,
  ],
  ["network.calico.peers", peer({ accept: ["32.0.0.0/3"] }), /has a prefix of 3 bits; choose one from \/8/],
  ["network.calico.peers", peer({ accept: ["10.60.0.1/16"] }), /the network of that address is 10\.60\.0\.0\/16/],
  [
    "network.calico.peers",
    peer({ accept: ["10.244.8.0/24"] }),
    /accept 10\.244\.8\.0\/24 from router tor1, which overlaps network\.podCidr 10\.244\.0\.0\/16, .*; name networks/,
  ],
  ["network.calico.peers", peer({ accept: ["10.0.0.0/8"] }), /overlaps network\.nodeCidr 10\.20\.0\.0\/24/],
  ["network.calico.peers", peer({ accept: ["10.60.0.0/16", "10.60.0.0/16"] }), /is there already as \[0\]; remove one/],
  ["network.calico.peers", peer({ rack: "a" }), /router tor1 is of rack a; list it under network\.calico\.racks/],
  ["network.calico.peers", peer({ gracefulRestartSeconds: 4096 }), /gracefulRestartSeconds \(4096\): Too big/],
  ["network.calico.peers", peer({ password: "hunter1" }), /Unrecognized key: "password"; remove it/],
  [
    "network.calico.peers",
    peer({ asNumber: 64512, keepOriginalNextHop: true }),
    /tor1 keeps the original next hop and has the nodes' own AS 64512, .*; leave keepOriginalNextHop out/,
  ],
  [racks, [rack("a", 64601, "worker9")], /racks: a has the node worker9; choose one of cp1, cp2/],
  [racks, [rack("a", 64601, "worker1"), rack("b", 64602, "worker1")], /worker1 is in two racks; .* take it out of one/],
  [
    racks,
    [rack("a", 64601, "worker1"), rack("b", 64601, "worker2")],
    /two racks have AS 64601, so that each drops .* as a loop; give each its own/,
  ],
  [racks, [rack("a", 64512, "worker1")], /a has AS 64512, which network\.calico\.asNumber gives .*; give it its own/],
  [reflectors, ["cp1", "cp9"], /reflectors: there is no node cp9; choose some of cp1, cp2/],
  [reflectors, ["cp1"], /reflectors is cp1 alone, without which no node has a route .*; name another one too/],
  [reflectors, ["cp1", "cp2"], /reflectors: a node knows others by its sessions .*; name in network\.operators who/],
  [reflectors, ["cp1", "cp1"], /reflectors.*cp1/],
  [racks, [rack("a", 64601)], /racks\[0\]\.nodes: Too small/],
]);

accepted([
  [racks, [rack("a", 64601, "worker1", "cp1"), rack("b", 64602, "worker2")]],
  ["network.calico.peers", peer({ accept: ["10.60.0.0/16", "192.0.2.7/32"], keepOriginalNextHop: true })],
  ["network.calico.peers", peer({ gracefulRestartSeconds: 300 })],
]);
