import { rmSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { asRoot } from "../machine/connection";
import { pythonOf, textOf } from "../machine/program-text";
import { commandLine, runner, startOf } from "../machine/runner";
import { shellQuote } from "../machine/shell";
import type { Run } from "./run";
import { type Asked, send, sentScript } from "./send";
import { agentWith, type SshAgent } from "./ssh-agent";

/** How one machine is reached: the plain form of a `Connection`, with a key. */
export interface SshTarget {
  readonly host: string;
  /** @default 22 */
  readonly port?: number;
  /** @default root */
  readonly user?: string;
  readonly privateKey?: string;
  /** The key that the machine must show, as in `ssh-ed25519 AAAA…`. */
  readonly hostKey?: string;
  /** Machine to go through. */
  readonly proxy?: Omit<SshTarget, "proxy">;
}

/**
 * Gives `use` two runners that go through the `ssh` command, to each target by its name: `run` for a script that looks,
 * and `change` for one that changes the machine, which then holds its lock as a `NodeScript` does. Rejects as `use` does,
 * and as `withSshConfig`.
 */
export async function overSsh<T>(
  targets: Readonly<Record<string, SshTarget>>,
  use: (run: Run, change: Run) => Promise<T>,
): Promise<T> {
  return withSshConfig(targets, (config) =>
    use(
      async (node, script, stdin, seconds = 600) =>
        send({ node, script, seconds, stdin, command: ["ssh", "-F", config, node, await lookingCommand(script)] }),
      (node, script, stdin, seconds = 45 * 60) => {
        const { line, ...input } = changingCommand(script, stdin, seconds);
        return send({ node, script, seconds: seconds + 60, command: ["ssh", "-F", config, node, line], ...input });
      },
    ),
  );
}

/** What clears away the files of a process when a signal ends it. */
const clearing = new Set<() => void>();

/**
 * Gives `use` the file of an ssh_config(5) that has each target by its name. Private keys are in agents, one for each key,
 * and never in a file. Rejects as `use` does, and when a target lacks its key or host key.
 */
export async function withSshConfig<T>(
  targets: Readonly<Record<string, SshTarget>>,
  use: (config: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-ssh-"));
  const config = join(directory, "config");
  const agents: SshAgent[] = [];
  const clear = () => {
    for (const agent of agents) agent.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  if (clearing.size === 0) for (const signal of endings) process.once(signal, end);
  clearing.add(clear);
  try {
    const hosts = Object.entries(targets).flatMap(([name, target]) => [
      ...(target.proxy ? [[`${name}-proxy`, target.proxy] as const] : []),
      [name, target] as const,
    ]);
    const sockets = new Map<string | undefined, string>();
    for (const key of new Set(hosts.flatMap(([, { privateKey }]) => privateKey ?? []))) {
      const agent = await agentWith(key, directory, `key${agents.length + 1}`);
      agents.push(agent);
      sockets.set(key, agent.socket);
    }
    const entries = await Promise.all(
      hosts.map(([name, target]) => entry(config, name, target, sockets.get(target.privateKey))),
    );
    await writeFile(config, entries.join("\n"), { mode: 0o600 });
    return await use(config);
  } finally {
    clearing.delete(clear);
    if (clearing.size === 0) for (const signal of endings) process.off(signal, end);
    clear();
  }
}

/** Handled once, so that the second time the signal ends the process as it would have. */
function end(signal: NodeJS.Signals): void {
  for (const clear of clearing) clear();
  process.kill(process.pid, signal);
}

/** Signals that end a process which can still clear away its files. */
const endings = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Writes a target's host key and gives its part of the client's configuration, ssh_config(5). */
async function entry(config: string, name: string, target: SshTarget, agent?: string): Promise<string> {
  const { host, port = 22, user = "root", hostKey } = target;
  if (!agent || !hostKey) throw new Error(`verify: ${name} (${host}) needs a privateKey and a hostKey`);
  const known = join(dirname(config), `${name}.known_hosts`);
  await writeFile(known, `${name} ${hostKey.trim()}\n`, { mode: 0o600 });
  const options = {
    HostName: host,
    Port: port,
    User: user,
    IdentityAgent: word(agent),
    IdentityFile: "none",
    HostKeyAlias: name,
    UserKnownHostsFile: word(known),
    // An authority that this machine trusts in /etc/ssh would speak for any other.
    GlobalKnownHostsFile: "/dev/null",
    StrictHostKeyChecking: "yes",
    BatchMode: "yes",
    LogLevel: "ERROR",
    ConnectTimeout: 30,
    ServerAliveInterval: 15,
    // As ProxyJump, which does not quote the path of the configuration.
    ...(target.proxy
      ? { ProxyCommand: `ssh -F ${literal(shellQuote(config))} -W '[%h]:%p' ${shellQuote(`${name}-proxy`)}` }
      : {}),
  };
  return [`Host ${name}`, ...Object.entries(options).map(([key, value]) => `  ${key} ${value}`)].join("\n");
}

/** A path for ssh_config(5), which expands percent signs. TMPDIR may have anything in its name. */
const literal = (text: string) => text.replaceAll("%", "%%");
const word = (path: string) => JSON.stringify(literal(path));

async function lookingCommand(script: string): Promise<string> {
  if (script.endsWith(".py")) return `${asRoot} python3 -I -c ${shellQuote(pythonOf(script))} ${script}`;
  return `${asRoot} bash -c ${shellQuote(await sentScript(script))} ${script}`;
}

/** Through the runner that every script of kjerne's which changes a machine goes through. */
function changingCommand(
  script: string,
  stdin: string,
  seconds: number,
): Pick<Asked, "stdin"> & { readonly line: string } {
  const text = textOf(script);
  const line = commandLine({
    name: script,
    action: "update",
    start: startOf([text]),
    deadlineMinutes: Math.ceil(seconds / 60),
  });
  return { line, stdin: `${runner}${text}${stdin}` };
}
