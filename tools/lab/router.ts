import { readFile } from "node:fs/promises";
import type { Machine } from "./machine";
import { inside } from "./machine-processes";
import { type LabAddresses, labFiles } from "./plan";
import { untilSucceeds } from "./until";

/** Numbers and networks that the router and the stack's settings agree on. */
export const routerAs = 64500;
const nodeAs = 64512;
const clusterNetworks = ["10.244.0.0/16", "10.96.0.0/16"];

/** The machine that plays the top-of-rack router: BIRD, the nodes' default gateway, and no way out. */
export async function router(lab: string, addresses: LabAddresses): Promise<Machine> {
  const password = await readFile(labFiles(lab).bgpPassword, "utf8");
  const constants = {
    ROUTER: addresses.router,
    NODE_NETWORK: addresses.nodeNetwork,
    ROUTER_AS: routerAs,
    NODE_AS: nodeAs,
    CLUSTER_NETWORKS: `[ ${clusterNetworks.map((network) => `${network}+`).join(", ")} ]`,
  };
  const defines = Object.entries(constants).map(([name, value]) => `define ${name} = ${value};\n`);

  return {
    role: "router",
    environment: { UPLINK: addresses.uplink, HOST_ADDRESS: addresses.host },
    files: {
      "/etc/bird/lab.conf": { content: defines.join(""), mode: "0644" },
      "/etc/bird/password.conf": { content: `password "${password}";\n`, mode: "0600" },
    },
    shares: {},
    emptied: [],
    startsAnew: false,
  };
}

/** What BIRD's own client answers on the router, read-only. */
export async function birdc(lab: string, ...command: readonly string[]): Promise<string> {
  return inside(lab, "router", "birdc", "-r", "-s", "/run/bird/bird.ctl", ...command);
}

/** Waits until the routing daemon runs with its configuration. */
export async function untilRouterAnswers(lab: string): Promise<void> {
  await untilSucceeds(`BIRD on the router of lab ${lab}`, 30, () => birdc(lab, "show", "status"));
}
