import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asRoot, rootCommand } from "../run";
import { ensureEnded, initOf } from "./machine-processes";
import { labFiles, namespaceOf, type Role } from "./plan";
import { until } from "./until";

/** What distinguishes one machine of a lab from the others. Its files are the tree `machines/<role>/`. */
export interface Machine {
  readonly role: Role;
  /** Environment of its services and its boot script. */
  readonly environment: Readonly<Record<string, string>>;
  /** Files besides those of its tree: absolute path → content and octal mode. */
  readonly files: Readonly<Record<string, { readonly content: string; readonly mode: string }>>;
  /** Directories of this machine that are mounted in it: path here → path there. */
  readonly shares: Readonly<Record<string, string>>;
  /** Directories that are empty in it, whatever this machine has there. */
  readonly emptied: readonly string[];
  /** Restart the machine when its definition changes. Only for machines without state. */
  readonly restartOnChange: boolean;
}

/**
 * Starts a machine, unless it runs already: namespaces with tini as process 1 and runit's `runsvdir`. When process 1
 * ends, the kernel ends every process of the machine and removes its mounts.
 *
 * @throws Error with the machine's console, if process 1 does not come up
 */
export async function ensureMachine(lab: string, machine: Machine): Promise<void> {
  const directory = labFiles(lab).machine(machine.role);
  const definition = createHash("sha256").update(JSON.stringify(machine)).digest("hex");
  const definitionFile = join(directory, "definition");
  const startedAs = existsSync(definitionFile) ? await readFile(definitionFile, "utf8") : "";
  const isCurrent = !machine.restartOnChange || startedAs === definition;
  if ((await initOf(lab, machine.role)) !== undefined && isCurrent) return;
  await ensureEnded(lab, machine.role);
  await writeFiles(directory, machine);
  await writeFile(definitionFile, definition);

  const unshare = ["unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child"];
  const shares = Object.entries(machine.shares).map(([here, there]) => `${here}=${there}`);
  const init = [join(__dirname, "machine-init"), directory, machine.role, ...shares];
  const [program, ...args] = rootCommand(["ip", "netns", "exec", namespaceOf(lab, machine.role), ...unshare, ...init]);
  const consoleLog = join(directory, "console.log");
  const output = openSync(consoleLog, "a");
  const started = spawn(program, args, { detached: true, stdio: ["ignore", output, output] });
  started.unref();

  const ended = once(started, "exit").then(async () => {
    throw new Error(`lab ${lab}: its ${machine.role} ended at once:\n${await readFile(consoleLog, "utf8")}`);
  });
  const runs = async () => (await initOf(lab, machine.role)) !== undefined;
  await Promise.race([until(`the init of ${lab}'s ${machine.role}; see ${consoleLog}`, 30, runs), ended]);
  closeSync(output);
}

/**
 * Writes the machine's files into the layer over this machine's files. What the machine wrote in earlier runs stays.
 */
async function writeFiles(directory: string, machine: Machine): Promise<void> {
  const upper = join(directory, "upper");
  const generated = join(directory, "generated");
  await mkdir(directory, { recursive: true });
  await asRoot("install", "-d", ...["upper", "work", "root"].map((name) => join(directory, name)));
  await asRoot("install", "-d", "-m", "0700", join(directory, "home"));
  await asRoot("install", "-d", "-m", "1777", join(directory, "tmp"));

  // Removes the services of an earlier definition.
  await asRoot("rm", "--recursive", "--force", join(upper, "etc/lab"));
  await rm(generated, { recursive: true, force: true });
  const environment = Object.entries(machine.environment).map(([name, value]) => `${name}=${value}\n`);
  const files = { "/etc/lab/machine.env": { content: environment.join(""), mode: "0644" }, ...machine.files };
  for (const [path, { content, mode }] of Object.entries(files)) {
    await mkdir(dirname(join(generated, path)), { recursive: true });
    await writeFile(join(generated, path), content, { mode: Number.parseInt(mode, 8) });
  }
  const tree = join(__dirname, "machines", machine.role);
  // A checkout that only its owner can read is no machine that only root can use.
  const copied =
    'tar --directory "$0" --create --mode=u=rwX,go=rX --owner=0 --group=0 . | tar --directory "$1" --extract';
  await asRoot("bash", "-o", "pipefail", "-c", `umask 022; ${copied} --preserve-permissions`, tree, upper);
  await asRoot("cp", "--recursive", "--no-preserve=ownership", "--preserve=mode", `${generated}/.`, upper);
  for (const path of machine.emptied) {
    await asRoot("install", "-d", join(upper, path));
    await asRoot("setfattr", "-n", "trusted.overlay.opaque", "-v", "y", join(upper, path));
  }
}
