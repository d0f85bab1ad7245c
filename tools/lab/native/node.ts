import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCommand, run } from "../../run";
import { type LabAddresses, labFiles, nodeAddress } from "../plan";
import { until, untilSucceeds } from "../until";
import { makeNode, type NativeNode } from "./disk";
import { ensureNodeEnded, nodeInitOf } from "./node-processes";

/**
 * Starts a native node, unless it runs: a system container, as a machine that was there before. Its disks and keys are
 * made at the first start.
 *
 * @throws Error with the node's console, if systemd does not come up
 */
export async function ensureNode(lab: string, addresses: LabAddresses, node: NativeNode): Promise<void> {
  await makeNode(lab, addresses, node);
  await powerOn(lab, node.name);
}

/** Starts a native node that has been made, unless it runs. */
export async function powerOn(lab: string, name: string): Promise<void> {
  if ((await nodeInitOf(lab, name)) !== undefined) return;
  await ensureNodeEnded(lab, name);

  const directory = labFiles(lab).node(name);
  const [program, ...args] = rootCommand([join(__dirname, "node-power"), directory]);
  const consoleLog = join(directory, "console.log");
  const output = openSync(consoleLog, "a");
  const power = spawn(program, args, { detached: true, stdio: ["ignore", output, output] });
  power.unref();
  const ended = once(power, "exit").then(async () => {
    throw new Error(`lab ${lab}: node ${name} ended at once:\n${await readFile(consoleLog, "utf8")}`);
  });
  const runs = async () => (await nodeInitOf(lab, name)) !== undefined;
  await Promise.race([until(`systemd on node ${name} of lab ${lab}; see ${consoleLog}`, 30, runs), ended]);
  closeSync(output);
}

/**
 * Runs a command on a native node as the stack does: from this machine, by SSH, with the host key pinned and without
 * the user's own SSH configuration.
 */
export async function onNode(
  lab: string,
  addresses: LabAddresses,
  name: string,
  command: string,
  input?: string,
): Promise<string> {
  const files = labFiles(lab);
  const options = [
    ...["BatchMode=yes", "ConnectTimeout=5", "StrictHostKeyChecking=yes", `HostKeyAlias=${name}`],
    `UserKnownHostsFile=${join(files.node(name), "known_hosts")}`,
  ].flatMap((option) => ["-o", option]);
  const login = `kjerne@${nodeAddress(addresses, name)}`;
  return run("ssh", ["-F", "none", "-i", files.sshKey, ...options, login, command], { input });
}

/** Waits until a native node takes commands by SSH. */
export async function untilNodeAnswers(lab: string, addresses: LabAddresses, name: string): Promise<void> {
  await untilSucceeds(`node ${name} of lab ${lab} to answer by SSH`, 60, () => onNode(lab, addresses, name, "true"));
}
