import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { asRoot } from "../run";
import type { SupplyServer } from "../supply/supply";
import { hypervisor, untilHypervisorAnswers } from "./hypervisor";
import { ensureKeys } from "./keys";
import { claimedIndex, claimIndex, ensureLinks, removeUplink } from "./links";
import { ensureMachine } from "./machine";
import { ensureEnded } from "./machine-processes";
import type { LabMachines } from "./machines";
import { mirror, untilMirrorAnswers } from "./mirror";
import { ensureNamespaces, removeNamespaces } from "./namespaces";
import type { NativeNode } from "./native/disk";
import { ensureModules } from "./native/modules";
import { ensureNode, untilNodeAnswers } from "./native/node";
import { ensureNodeEnded, removeGroups } from "./native/node-processes";
import { nodesOf } from "./native/nodes";
import { checkLabName, type LabAddresses, labAddresses, labFiles, roles } from "./plan";
import { router, untilRouterAnswers } from "./router";

/** Where the nodes of a lab come from. */
export interface LabNodes {
  /** System containers that the lab makes and starts. */
  readonly native: readonly NativeNode[];
  /** Whether the stack makes virtual machines, so that the lab needs its hypervisor. */
  readonly onHypervisor: boolean;
  /** Who has the API server's address. @default "vrrp": the router is told of none */
  readonly endpointBy?: LabMachines["endpointBy"];
}

/**
 * Starts a lab: router, mirror, and hypervisor or native nodes, each in namespaces of its own, joined by links. It
 * starts what is missing: run it again after an interruption, or to repair a lab.
 *
 * @param servers Servers of the mirror, for its address.
 */
export async function startLab(
  name: string,
  servers: (address: string) => readonly SupplyServer[],
  say: (line: string) => void,
  { native, onHypervisor, endpointBy = "vrrp" }: LabNodes = { native: [], onHypervisor: true },
): Promise<LabAddresses> {
  checkLabName(name);
  await mkdir(labFiles(name).state, { recursive: true, mode: 0o700 });
  await ensureKeys(name);

  await ensureNamespaces(name);
  const addresses = await ensureLinks(name, await claimIndex(name));
  say(`network ${addresses.nodeNetwork}, host link ${addresses.uplink}`);

  const supply = servers(addresses.mirror);
  await ensureMachine(name, await router(name, addresses, { endpointBy }));
  await ensureMachine(name, await mirror(supply));
  if (onHypervisor) await ensureMachine(name, await hypervisor(name));
  if (native.length > 0) await ensureModules(say);
  await Promise.all(native.map((node) => ensureNode(name, addresses, node)));

  await untilRouterAnswers(name);
  say(`router ${addresses.router} routes`);
  await untilMirrorAnswers(name, supply);
  say(`mirror ${addresses.mirror} serves ${supply.map((server) => server.name).join(", ")}`);
  if (onHypervisor) {
    await untilHypervisorAnswers(name, addresses);
    say(`hypervisor ${addresses.hypervisor} takes commands`);
  }
  await Promise.all(native.map((node) => untilNodeAnswers(name, addresses, node.name)));
  if (native.length > 0) say(`nodes ${native.map((node) => node.name).join(", ")} take commands`);
  return addresses;
}

/** Removes a lab, complete or not: its processes, namespaces, links, mounts and files. */
export async function stopLab(name: string, say: (line: string) => void): Promise<void> {
  checkLabName(name);
  const index = await claimedIndex(name);
  const nodes = await nodesOf(name);
  for (const node of nodes) await ensureNodeEnded(name, node);
  for (const role of roles) await ensureEnded(name, role);
  say("processes ended");
  if (index !== undefined) await removeUplink(labAddresses(index));
  for (const node of nodes) await removeGroups(name, node);
  await removeNamespaces(name);
  say("network removed");

  const { state } = labFiles(name);
  if (existsSync(state)) await asRoot("rm", "--recursive", "--force", "--one-file-system", state);
  say("files removed");
}
