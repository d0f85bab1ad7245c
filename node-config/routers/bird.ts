import { holdSeconds, lastResort, mostRoutesOf, type Neighbour, ownRoutes, type RouterFacts } from "./facts";

/** Beside the configuration, readable by BIRD alone: `define kjerne_password = "…";`. */
export const birdPasswordFile = "kjerne-password.conf";

/** Whole configuration of a router that runs BIRD 2 (https://bird.network.cz/doc/bird.html). It holds no password. */
export function birdConfig(router: RouterFacts): string {
  return `# Router ${router.name}: its side of the BGP sessions with the nodes of cluster ${router.cluster}, for BIRD 2.
${router.authenticated ? `# The password is a line of a file that BIRD alone may read: define kjerne_password = "…";\ninclude "${birdPasswordFile}";\n` : ""}
router id ${router.address};

protocol device { }
${untilAnnounced(router)}${router.accept.length > 0 ? "\n# Networks of this router's own interfaces.\nprotocol direct { ipv4; }\n" : ""}
protocol kernel {
  # Packets of one pod's peers spread over routes of equal cost.
  merge paths on;
  # Routes stay in the kernel while BIRD comes back (birdc graceful restart, then bird -R).
  graceful restart;
${learned(router)}}

# ${ownRoutes(router)}, and nothing else: no default route, no network of somebody else.
filter kjerne_from_nodes {
${fromControlPlanes(router)}  if net !~ [ ${[`${router.podCidr}{${router.blockSize},32}`, ...below(router.loadBalancerCidrs)].join(", ")} ] then reject;
${nextHop(router)}
  accept;
}

template bgp kjerne_node {
  local ${router.address} as ${router.asNumber};
  ${router.isOnSegment ? "direct" : "multihop"};
${router.authenticated ? "  password kjerne_password;\n" : ""}  graceful restart on;
  graceful restart time ${router.gracefulRestartSeconds};
  ipv4 {
    import filter kjerne_from_nodes;
    # No node has more routes of its own. One that announces more is not itself.
    import limit ${mostRoutesOf(router)} action restart;
    ${told(router)}
  };
}
${router.nodes.map((node) => session(node, router)).join("")}`;
}

function session({ name, address, asNumber }: Neighbour, { endpoint }: RouterFacts): string {
  const hold = endpoint?.controlPlanes.some((one) => one.name === name) ? `  hold time ${holdSeconds};\n` : "";
  return `\nprotocol bgp '${name}' from kjerne_node {\n  neighbor ${address} as ${asNumber};\n${hold}}\n`;
}

/** Before Calico runs anywhere machines join by it, and whoever installs Calico asks there. */
function untilAnnounced({ endpoint, isOnSegment }: RouterFacts): string {
  if (!endpoint?.lastResort) return "";
  return `
# The API server's address while nobody announces it, as before there is a cluster.
protocol static kjerne_endpoint {
  ipv4 { preference ${lastResort.birdPreference}; };
  route ${endpoint.address}/32 ${isOnSegment ? "via" : "recursive"} ${endpoint.lastResort};
}
`;
}

function fromControlPlanes({ endpoint }: RouterFacts): string {
  if (!endpoint) return "";
  const controlPlanes = endpoint.controlPlanes.map(({ address }) => address).join(", ");
  return `  # The API server's address, from control planes alone, and each leads to itself.
  if net = ${endpoint.address}/32 then {
    if from !~ [ ${controlPlanes} ] || bgp_next_hop != from then reject;
    accept;
  }
`;
}

/** Routes of the kernel that BIRD has to know: to networks that nodes are told of, and to nodes that are not neighbours. */
function learned({ accept, isOnSegment, endpoint }: RouterFacts): string {
  const importing = isOnSegment ? `import where net ~ [ ${below(accept).join(", ")} ];` : "import all;";
  const learns = accept.length > 0 || !isOnSegment;
  return `${learns ? "  learn;\n" : ""}  ipv4 {
    ${learns ? importing : "import none;"}
    export where source = RTS_BGP${endpoint?.lastResort ? ` || net = ${endpoint.address}/32` : ""};
  };
`;
}

function nextHop({ keepOriginalNextHop, nodes }: RouterFacts): string {
  return keepOriginalNextHop
    ? `  # Nodes pass on each other's blocks, and each block leads to the node that has it.
  if bgp_next_hop !~ [ ${nodes.map(({ address }) => address).join(", ")} ] then reject;`
    : `  # A node leads to itself, and not to somebody else.
  if bgp_next_hop != from then reject;`;
}

function told({ accept }: RouterFacts): string {
  return accept.length > 0 ? `export where net ~ [ ${below(accept).join(", ")} ];` : "export none;";
}

const below = (networks: readonly string[]) => networks.map((network) => `${network}+`);
