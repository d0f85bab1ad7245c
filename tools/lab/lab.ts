import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { asRoot } from "../run";
import type { SupplyServer } from "../supply/supply";
import { hypervisor, untilHypervisorAnswers } from "./hypervisor";
import { ensureKeys } from "./keys";
import { claimedIndex, claimIndex, ensureLinks, removeUplink } from "./links";
import { ensureMachine } from "./machine";
import { ensureEnded } from "./machine-processes";
import { mirror, untilMirrorAnswers } from "./mirror";
import { ensureNamespaces, removeNamespaces } from "./namespaces";
import { checkLabName, type LabAddresses, labAddresses, labFiles, roles } from "./plan";
import { router, untilRouterAnswers } from "./router";

/**
 * Starts a lab: router, hypervisor and mirror, each in namespaces of its own, joined by links. It starts what is
 * missing: run it again after an interruption, or to repair a lab.
 *
 * @param servers Servers of the mirror, for its address.
 */
export async function startLab(
  name: string,
  servers: (address: string) => readonly SupplyServer[],
  say: (line: string) => void,
): Promise<LabAddresses> {
  checkLabName(name);
  await mkdir(labFiles(name).state, { recursive: true, mode: 0o700 });
  await ensureKeys(name);

  await ensureNamespaces(name);
  const addresses = await ensureLinks(name, await claimIndex(name));
  say(`network ${addresses.nodeNetwork}, host link ${addresses.uplink}`);

  const supply = servers(addresses.mirror);
  await ensureMachine(name, await router(name, addresses));
  await ensureMachine(name, await mirror(supply));
  await ensureMachine(name, await hypervisor(name));

  await untilRouterAnswers(name);
  say(`router ${addresses.router} routes`);
  await untilMirrorAnswers(name, supply);
  say(`mirror ${addresses.mirror} serves ${supply.map((server) => server.name).join(", ")}`);
  await untilHypervisorAnswers(name, addresses);
  say(`hypervisor ${addresses.hypervisor} takes commands`);
  return addresses;
}

/** Removes a lab, complete or not: its processes, namespaces, links, mounts and files. */
export async function stopLab(name: string, say: (line: string) => void): Promise<void> {
  checkLabName(name);
  const index = await claimedIndex(name);
  for (const role of roles) await ensureEnded(name, role);
  say("processes ended");
  if (index !== undefined) await removeUplink(labAddresses(index));
  await removeNamespaces(name);
  say("network removed");

  const { state } = labFiles(name);
  if (existsSync(state)) await asRoot("rm", "--recursive", "--force", "--one-file-system", state);
  say("files removed");
}
