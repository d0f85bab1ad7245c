import { holdSeconds, lastResort, mostRoutesOf, type Neighbour, ownRoutes, type RouterFacts } from "./facts";

/** What stands in FRR's configuration for the password of a router: FRR reads none from another file. */
export const frrPasswordMark = ({ name }: Pick<RouterFacts, "name">) => `<bgpPasswords.${name}>`;

/** Whole configuration of a router that runs FRR 8 or later (https://docs.frrouting.org/en/latest/bgp.html). */
export function frrConfig(router: RouterFacts): string {
  const { accept, isOnSegment, authenticated, endpoint } = router;
  const lines = [
    `! Router ${router.name}: its side of the BGP sessions with the nodes of cluster ${router.cluster}, for FRR.`,
    ...(authenticated
      ? [
          `! Write the password, without a blank in it, where ${frrPasswordMark(router)} stands; keep the file from others.`,
        ]
      : []),
    "frr defaults traditional",
    `hostname ${router.name}`,
    "!",
    `! ${ownRoutes(router)}, and nothing else: no default route, no network of somebody else.`,
    `ip prefix-list kjerne-pods seq 5 permit ${router.podCidr} ge ${router.blockSize} le 32`,
    ...router.loadBalancerCidrs.map(
      (cidr, at) => `ip prefix-list kjerne-pods seq ${10 + 5 * at} permit ${below(cidr)}`,
    ),
    ...(router.keepOriginalNextHop ? router.nodes.map(nodeAddress) : []),
    "!",
    "route-map kjerne-from-nodes permit 10",
    " match ip address prefix-list kjerne-pods",
    ...(router.keepOriginalNextHop
      ? [
          " ! Nodes pass on each other's blocks, and each block leads to the node that has it.",
          " match ip next-hop prefix-list kjerne-nodes",
        ]
      : [" ! A node leads to itself, and not to somebody else.", " set ip next-hop peer-address"]),
    "exit",
    "!",
    ...(endpoint ? announced(endpoint) : []),
    ...accept.map((network, at) => `ip prefix-list kjerne-told seq ${5 * (at + 1)} permit ${below(network)}`),
    accept.length > 0 ? "route-map kjerne-to-nodes permit 10" : "route-map kjerne-to-nodes deny 10",
    ...(accept.length > 0 ? [" match ip address prefix-list kjerne-told"] : []),
    "exit",
    "!",
    `router bgp ${router.asNumber}`,
    ` bgp router-id ${router.address}`,
    " no bgp default ipv4-unicast",
    ...(router.loadBalancerCidrs.length > 0 || endpoint
      ? [" ! One address may lead to nodes of several racks.", " bgp bestpath as-path multipath-relax"]
      : []),
    " bgp graceful-restart",
    ` bgp graceful-restart restart-time ${router.gracefulRestartSeconds}`,
    " neighbor kjerne peer-group",
    ...(authenticated ? [` neighbor kjerne password ${frrPasswordMark(router)}`] : []),
    ...router.nodes.flatMap((node) => neighbour(node, isOnSegment || node.asNumber === router.asNumber)),
    ...(endpoint?.controlPlanes ?? []).map(({ address }) => ` neighbor ${address} timers 3 ${holdSeconds}`),
    " !",
    " address-family ipv4 unicast",
    ...(accept.length > 0
      ? ["connected", "kernel", "static"].map((source) => `  redistribute ${source} route-map kjerne-to-nodes`)
      : []),
    "  neighbor kjerne activate",
    "  neighbor kjerne route-map kjerne-from-nodes in",
    "  neighbor kjerne route-map kjerne-to-nodes out",
    "  ! No node has more routes of its own. One that announces more is not itself; it may try again in 5 minutes.",
    `  neighbor kjerne maximum-prefix ${mostRoutesOf(router)} restart 5`,
    "  ! Packets of one pod's peers spread over routes of equal cost.",
    "  maximum-paths 64",
    "  maximum-paths ibgp 64",
    " exit-address-family",
    "exit",
    "!",
  ];
  return `${lines.join("\n")}\n`;
}

function neighbour({ name, address, asNumber }: Neighbour, isDirect: boolean): string[] {
  return [
    ` neighbor ${address} remote-as ${asNumber}`,
    ` neighbor ${address} peer-group kjerne`,
    ` neighbor ${address} description ${name}`,
    ...(isDirect ? [] : [` neighbor ${address} ebgp-multihop`]),
  ];
}

/** The API server's address, from each control plane alone; and where it is before Calico runs anywhere. */
function announced({ address, controlPlanes, lastResort: first }: NonNullable<RouterFacts["endpoint"]>): string[] {
  const entries = controlPlanes.flatMap((node, at) => [
    `route-map kjerne-from-nodes permit ${20 + at}`,
    " match ip address prefix-list kjerne-endpoint",
    ` match peer ${node.address}`,
    " set ip next-hop peer-address",
    "exit",
  ]);
  const route = `ip route ${address}/32 ${first} ${lastResort.frrDistance}`;
  return [
    ...(first
      ? ["! The API server's address while nobody announces it, as before there is a cluster.", route, "!"]
      : []),
    "! The API server's address, by control planes alone.",
    `ip prefix-list kjerne-endpoint seq 5 permit ${address}/32`,
    ...entries,
    "!",
  ];
}

function nodeAddress({ address }: Neighbour, at: number): string {
  return `ip prefix-list kjerne-nodes seq ${5 * (at + 1)} permit ${address}/32`;
}

/** The network and all in it; FRR takes no longer prefixes than that of one address. */
const below = (cidr: string) => (cidr.endsWith("/32") ? cidr : `${cidr} le 32`);
