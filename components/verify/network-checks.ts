import { both, type Reading } from "./answers";
import { equals, faultless, judge } from "./judge";
import type { ObservedCluster, Service } from "./observed-cluster";
import type { BgpSession, Link, ObservedNode } from "./observed-node";
import type { Check } from "./report";
import type { VirtualServer } from "./virtual-servers";
import type { Wanted, WantedNode } from "./wanted";

export function bgpSessions(node: string, peers: readonly string[], sessions: Reading<readonly BgpSession[]>): Check {
  const question = {
    id: "bgp-sessions",
    title: "BGP sessions are Established",
    node,
    wanted: `Established with ${peers.join(", ") || "no peer"}`,
    next: "echo 'show protocols all' | sudo socat -t 5 - UNIX-CONNECT:/var/run/calico/bird.ctl",
  };
  return judge(question, sessions, (found) => {
    const stateOf = (peer: string) => found.find(({ neighbour }) => neighbour === peer)?.state ?? "no session";
    const down = peers.filter((peer) => stateOf(peer) !== "Established");
    return faultless(
      down.map((peer) => `${peer}: ${stateOf(peer)}`),
      `${peers.length} of ${peers.length}`,
    );
  });
}

/** Each block of pod addresses must lead straight to the address of the node that holds it. */
export function podRoutes(
  node: WantedNode,
  others: readonly WantedNode[],
  observed: ObservedNode,
  blocks: ObservedCluster["blocks"],
): Check {
  const question = {
    id: "pod-routes",
    title: "other nodes' pods are routed by BGP over the NIC",
    node: node.name,
    wanted: others.map(({ name, address }) => `${name}'s blocks via ${address}`).join(", ") || "no other node",
    next: "ip route show proto bird; sudo kubectl get blockaffinities.crd.projectcalico.org",
  };
  const known = both(both(observed.routes, observed.links, pair), blocks, pair);
  return judge(question, known, ([[routes, links], held]) => {
    const nic = nicOf(node, links)?.name;
    const faults = others.flatMap((other) => {
      const own = held.filter((block) => block.node === other.name && block.state === "confirmed");
      const lost = own.filter(
        ({ cidr }) => !routes.some((r) => r.to === cidr && r.gateway === other.address && r.device === nic),
      );
      return own.length
        ? lost.map(({ cidr }) => `no ${cidr} via ${other.address} dev ${nic}`)
        : [`${other.name} holds no block`];
    });
    return faultless(faults, `${routes.length} routes over ${nic}`);
  });
}

export function proxyMode(node: string, mode: string, found: Reading<string>): Check {
  const question = {
    id: "proxy-mode",
    title: "kube-proxy runs in its mode",
    node,
    wanted: mode,
    next: "printf 'GET /proxyMode HTTP/1.0\\r\\n\\r\\n' | socat - TCP4:127.0.0.1:10249",
  };
  return judge(question, found, equals(mode));
}

/** The kernel must hold every port of the API's and the DNS's Service, with the endpoints that the API server knows. */
export function ipvsServices(
  node: string,
  scheduler: Wanted["proxy"]["scheduler"],
  observed: ObservedNode,
  services: ObservedCluster["services"],
): Check {
  const question = {
    id: "ipvs-services",
    title: "IPVS holds the API's and the DNS's Service",
    node,
    wanted: `default/kubernetes and kube-system/kube-dns with their endpoints, scheduler ${scheduler}`,
    next: "sudo ipvsadm -Ln",
  };
  return judge(question, both(observed.ipvs, services, pair), ([servers, wanted]) => {
    const absent = ["default/kubernetes", "kube-system/kube-dns"].filter(
      (name) => !wanted.some((s) => s.name === name),
    );
    const faults = wanted.flatMap(({ ports }) => ports.flatMap((port) => ipvsFaults(port, scheduler, servers)));
    return faultless(
      [...absent.map((name) => `${name} does not exist`), ...faults],
      `${servers.length} virtual servers`,
    );
  });
}

function ipvsFaults(port: Service["ports"][number], scheduler: string, servers: readonly VirtualServer[]): string[] {
  const server = servers.find(({ service }) => service === port.service);
  if (!server) return [`${port.service} is not there`];
  const [found, wanted] = [[...server.endpoints].sort().join(", "), [...port.endpoints].sort().join(", ")];
  return [
    ...(server.scheduler === scheduler ? [] : [`${port.service} is scheduled ${server.scheduler}`]),
    ...(wanted ? [] : [`${port.service} has no endpoint`]),
    ...(found === wanted ? [] : [`${port.service} leads to ${found || "nothing"} instead of ${wanted || "nothing"}`]),
  ];
}

function nicOf(node: WantedNode, links: readonly Link[]): Link | undefined {
  return links.find(({ addresses }) => addresses.includes(node.address));
}

function pair<A, B>(a: A, b: B): readonly [A, B] {
  return [a, b];
}
