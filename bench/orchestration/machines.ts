import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import ssh2, { type ServerChannel } from "ssh2";
import { delays } from "./delays";

/** SSH servers that answer for every machine of a cluster. */
export interface Machines {
  /** The host key of a hypervisor, as settings pin it. Its nodes have one key together. */
  readonly hostKey: (hypervisor: string) => string;
  /** Sessions so far: one for each command. */
  readonly sessions: () => number;
}

/**
 * Listens at port 22 of every address of this network namespace. A session reads its script and its input, takes as long
 * as the script took on a machine, and prints what it would have printed.
 *
 * @param hypervisors their addresses
 */
export async function startMachines(hypervisors: readonly string[]): Promise<Machines> {
  let sessions = 0;
  const nodes = ssh2.utils.generateKeyPairSync("ed25519");
  const machine = (key = ssh2.utils.generateKeyPairSync("ed25519")) => ({
    hostKey: key.public.trim(),
    server: new ssh2.Server({ hostKeys: [key.private] }, (client) => {
      client.on("authentication", (context) => context.accept());
      client.on("error", () => {}); // a client that leaves early
      client.on("session", (accept) =>
        accept()
          .on("env", (acceptEnv) => acceptEnv?.())
          .on("exec", (acceptExec, _, { command }) => answer(acceptExec(), command, String(++sessions), nodes.public)),
      );
    }),
  });
  const own = new Map(hypervisors.map((address) => [address, machine()]));
  const others = machine(nodes);
  const listener = createServer((socket) =>
    (own.get(socket.localAddress ?? "") ?? others).server.injectSocket(socket.setNoDelay()),
  );
  await new Promise<void>((listening) => listener.listen(22, "0.0.0.0", listening));
  return { hostKey: (hypervisor) => String(own.get(hypervisor)?.hostKey), sessions: () => sessions };
}

async function answer(channel: ServerChannel, command: string, number: string, nodesKey: string): Promise<void> {
  const read = new Promise((resolve) => channel.on("end", resolve).resume());
  const script = scriptOf(command);
  const delay = delays[script];
  channel.write(`${/^echo (.*?);/.exec(command)?.[1]}\n`);
  if (delay === undefined) channel.stderr.write(`no delay was recorded for ${script || command}\n`);
  await Promise.all([read, setTimeout((delay ?? 0) * 1000)]);
  channel.write(`${printed(script, number, nodesKey.trim())}\n`);
  channel.exit(delay === undefined ? 1 : 0);
  channel.end();
}

/** `echo …; /bin/sh -c '…' SCRIPT ACTION …`, as components/drift/dial.ts and components/machine/runner.ts write it. */
function scriptOf(command: string): string {
  const [, script = ""] = /' (\S+) (?:create|update|delete) \d+ \w+/.exec(command) ?? [];
  return script;
}

function printed(script: string, number: string, nodesKey: string): string {
  if (script === "hypervisor/preflight.sh") return JSON.stringify({ domainType: "kvm" });
  if (script === "hypervisor/create-node.sh") return JSON.stringify({ hostKey: nodesKey, instanceId: number });
  if (script === "kubeadm/init.sh") {
    const cluster = { name: "oslo", cluster: { server: "https://api.invalid:6443" } };
    return JSON.stringify({ kubeconfig: JSON.stringify({ clusters: [cluster] }), caHash: `sha256:${number}` });
  }
  if (script === "kubeadm/invite.sh") return ""; // of a cluster that is still to be made
  return `done ${number}`;
}
