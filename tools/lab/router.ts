import { readFile } from "node:fs/promises";
import type { Machine } from "./machine";
import { inside } from "./machine-processes";
import { type LabAddresses, labFiles } from "./plan";
import { untilSucceeds } from "./until";

/** AS numbers and networks of the router; `stacks/Pulumi.lab.yaml` has the same. */
export const routerAs = 64500;
const nodeAs = 64512;
const clusterNetworks = ["10.244.0.0/16", "10.96.0.0/16"];

/**
 * The machine that stands in for a top-of-rack router: runs BIRD, is the nodes' default gateway, has no route out. For
 * three control planes it is the load balancer of their API servers as well.
 *
 * @param controlPlanes Addresses of three control planes, or of any other number, which need no load balancer.
 */
export async function router(lab: string, addresses: LabAddresses, controlPlanes: readonly string[]): Promise<Machine> {
  const password = await readFile(labFiles(lab).bgpPassword, "utf8");
  const constants = {
    ROUTER: addresses.router,
    NODE_NETWORK: addresses.nodeNetwork,
    ROUTER_AS: routerAs,
    NODE_AS: nodeAs,
    CLUSTER_NETWORKS: `[ ${clusterNetworks.map((network) => `${network}+`).join(", ")} ]`,
  };
  const defines = Object.entries(constants).map(([name, value]) => `define ${name} = ${value};\n`);
  const balances = controlPlanes.length === 3;
  // haproxy.cfg reads them.
  const [CP1 = "", CP2 = "", CP3 = ""] = controlPlanes;
  const balanced: Record<string, string> = balances ? { LOAD_BALANCER: addresses.loadBalancer, CP1, CP2, CP3 } : {};

  return {
    role: "router",
    environment: { UPLINK: addresses.uplink, ...balanced },
    files: {
      "/etc/bird/lab.conf": { content: defines.join(""), mode: "0644" },
      "/etc/bird/password.conf": { content: `password "${password}";\n`, mode: "0600" },
      ...(balances ? { "/etc/lab/service/haproxy/run": { content: haproxy, mode: "0755" } } : {}),
    },
    shares: {},
    emptied: [],
    restartOnChange: false,
  };
}

const haproxy = "#!/bin/sh\nexec haproxy -db -f /etc/haproxy/haproxy.cfg\n";

/** Runs a command of BIRD's client on the router, read-only. @returns what it printed */
export async function birdc(lab: string, ...command: readonly string[]): Promise<string> {
  return inside(lab, "router", "birdc", "-r", "-s", "/run/bird/bird.ctl", ...command);
}

/** Waits until BIRD runs with its configuration. */
export async function untilRouterAnswers(lab: string): Promise<void> {
  await untilSucceeds(`BIRD on the router of lab ${lab}`, 30, () => birdc(lab, "show", "status"));
}
