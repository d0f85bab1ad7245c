import { readFile } from "node:fs/promises";
import { holdSeconds } from "../../node-config/routers/facts";
import type { Machine } from "./machine";
import { inside } from "./machine-processes";
import type { LabMachines } from "./machines";
import { type LabAddresses, labFiles, nodeAddress } from "./plan";
import { untilSucceeds } from "./until";

/** AS numbers and networks of the router; `stacks/Pulumi.lab.yaml` has the same. */
export const routerAs = 64500;
const nodeAs = 64512;
/** BIRD's own default: processors in software may say nothing for a while. */
const birdHoldSeconds = 240;
const podsAndServices = ["10.244.0.0/16", "10.96.0.0/16"];

/** The machine that stands in for a top-of-rack router: runs BIRD, is the nodes' default gateway, has no route out. */
export async function router(
  lab: string,
  addresses: LabAddresses,
  { endpointBy }: Pick<LabMachines, "endpointBy">,
): Promise<Machine> {
  const { announcedEndpoint } = addresses;
  const clusterNetworks = [...podsAndServices, addresses.loadBalancers, `${announcedEndpoint}/32`];
  const password = await readFile(labFiles(lab).bgpPassword, "utf8");
  const constants = {
    ROUTER: addresses.router,
    NODE_NETWORK: addresses.nodeNetwork,
    ROUTER_AS: routerAs,
    NODE_AS: nodeAs,
    ENDPOINT: `${announcedEndpoint}/32`,
    ENDPOINT_IS_ANNOUNCED: endpointBy === "bgp",
    FIRST_CONTROL_PLANE: nodeAddress(addresses, "cp1"),
    HOLD_TIME: endpointBy === "bgp" ? holdSeconds : birdHoldSeconds,
    CLUSTER_NETWORKS: `[ ${clusterNetworks.map((network) => `${network}+`).join(", ")} ]`,
  };
  const defines = Object.entries(constants).map(([name, value]) => `define ${name} = ${value};\n`);

  return {
    role: "router",
    environment: { UPLINK: addresses.uplink },
    files: {
      "/etc/bird/lab.conf": { content: defines.join(""), mode: "0644" },
      "/etc/bird/password.conf": { content: `password "${password}";\n`, mode: "0600" },
    },
    shares: {},
    emptied: [],
    restartOnChange: false,
  };
}

/** Runs a command of BIRD's client on the router, read-only. @returns what it printed */
export async function birdc(lab: string, ...command: readonly string[]): Promise<string> {
  return inside(lab, "router", "birdc", "-r", "-s", "/run/bird/bird.ctl", ...command);
}

/** Waits until BIRD runs with its configuration. */
export async function untilRouterAnswers(lab: string): Promise<void> {
  await untilSucceeds(`BIRD on the router of lab ${lab}`, 30, () => birdc(lab, "show", "status"));
}
