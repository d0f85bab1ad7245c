import { execFile } from "node:child_process";
import { chmod, mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { promisify } from "node:util";
import type { Engine } from "../../tools/engine/engine";
import { run } from "../../tools/run";

/**
 * Confines a program under review, and the providers that work for it, with bubblewrap: the tool that Flatpak confines
 * programs with, in Debian and Ubuntu, which needs no daemon, no image and no root.
 *
 * Two walls. Around the engine with all that it starts: no network but a loopback of its own. Around the program and
 * each provider: a root directory with the system's programs and what is named here, read only, and no process of the
 * judge's. So they reach neither the packs nor the engine's event log, and nothing of the reader's.
 */

/** Where the system has what programs need to start. Nothing in them is a person's. */
const system = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64"];
const systemFiles = [
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "alternatives",
  "localtime",
  "hosts",
  "nsswitch.conf",
];

const engineWall = [
  ...["bwrap", "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent"],
  // A root user's second wall needs the first one's rights; for others each wall is a user namespace.
  ...(process.getuid?.() === 0 ? ["--cap-add", "ALL"] : []),
];

/** What a wall around a program lets through. */
export interface Doors {
  /** Files and directories that it may read. */
  readonly read: readonly string[];
  /** Directory with `home` and `tmp`, which it may write. */
  readonly scratch: string;
}

function programWall({ read, scratch }: Partial<Doors>): string[] {
  const node = dirname(dirname(process.execPath));
  const readable = [
    ...systemFiles.map((name) => `/etc/${name}`),
    ...(isBelow(node, "/usr") ? [] : [node]),
    ...(read ?? []),
  ];
  const own = (variable: string, name: string) =>
    scratch ? ["--bind", join(scratch, name), join(scratch, name), "--setenv", variable, join(scratch, name)] : [];
  return [
    "bwrap",
    ...system.flatMap((path) => ["--ro-bind-try", path, path]),
    ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"],
    ...readable.flatMap((path) => ["--ro-bind-try", path, path]),
    ...own("HOME", "home"),
    ...own("TMPDIR", "tmp"),
    ...["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--cap-drop", "ALL", "--die-with-parent", "--new-session"],
  ];
}

const isBelow = (path: string, parent: string) => path === parent || path.startsWith(parent + sep);

/** @throws Error that says what to install or allow, if this machine can't build both walls */
export async function expectConfinement(): Promise<void> {
  const [program = "", ...args] = [...engineWall, "--", ...programWall({}), "--", "true"];
  await run(program, args).catch((error: Error & { code?: unknown; stderr?: string }) => {
    const why =
      error.code === "ENOENT"
        ? "bubblewrap is not installed: sudo apt-get install bubblewrap"
        : `bubblewrap says: ${error.stderr?.trim()}. It needs user namespaces; on Ubuntu 24.04: sudo sysctl --write kernel.apparmor_restrict_unprivileged_userns=0`;
    throw new Error(`the review runs programs that may be a stranger's, and this machine can't confine them: ${why}`);
  });
}

/** Runs one program behind both walls, for at most two minutes. @returns its stdout @throws Error with its stderr */
export async function runConfined(
  command: readonly string[],
  doors: Doors,
  { env, stopped }: { readonly env: Readonly<Record<string, string>>; readonly stopped: AbortSignal },
): Promise<string> {
  const [program = "", ...args] = [...engineWall, "--", ...programWall(doors), "--", ...command];
  const child = promisify(execFile)(program, args, { env, signal: stopped, timeout: 120_000, maxBuffer: 16 << 20 });
  return (await child).stdout;
}

/**
 * Writes commands that the engine finds before the real ones: `pulumi` behind the first wall; `node` behind the second,
 * except as the language host and for a policy pack; each provider behind the second.
 *
 * @param directory Gets them; no program under review sees it.
 * @param modules Libraries of the judge, which start its packs.
 * @param replaced File → file that the engine sees in its place.
 * @returns variables for the engine
 */
export async function wallsAround(
  engine: Engine,
  directory: string,
  modules: string,
  doors: Doors,
  replaced: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const [bin, home] = [join(directory, "bin"), join(directory, "pulumi")];
  const path = (engine.env.PATH ?? "").split(":");
  const cli = (await run("sh", ["-c", "command -v pulumi"], { env: { PATH: path.join(":") } })).trim();
  const host = (await run("sh", ["-c", "command -v pulumi-language-nodejs"], { env: { PATH: path.join(":") } })).trim();
  const pack = join(await realpath(modules), "@pulumi/pulumi/cmd/run-policy-pack");
  const inside = programWall({ ...doors, read: [...doors.read, engine.binDirectory] });
  const places = Object.entries(replaced).flatMap(([file, by]) => ["--ro-bind", by, file]);
  const command = (...lines: string[]) => ["#!/bin/sh", ...lines, ""].join("\n");

  await mkdir(bin, { recursive: true });
  await executable(join(bin, "pulumi"), command(`exec ${quoted([...engineWall, ...places, "--", cli])} "$@"`));
  const node = command(
    `case "$1" in`,
    // A program under review can't come first here: the review's project file gives node no options of its choice.
    `${quoted([pack])} | ${quoted([`${pack}/index.js`])} | ${quoted([host])}) exec ${quoted([process.execPath])} "$@" ;;`,
    "esac",
    `exec ${quoted(inside)} --chdir "$PWD" -- ${quoted([process.execPath])} "$@"`,
  );
  await executable(join(bin, "node"), node);
  for (const { name, version, file, reads = [] } of engine.plugins) {
    const plugin = join(home, `plugins/resource-${name}-v${version}`);
    await mkdir(plugin, { recursive: true });
    const wall = programWall({ ...doors, read: [...doors.read, dirname(file), ...reads] });
    const start = `exec ${quoted(wall)} -- ${quoted([file])} "$@"`;
    await executable(join(plugin, `pulumi-resource-${name}`), command(start));
  }
  return { PATH: [bin, ...path, dirname(process.execPath)].join(":"), PULUMI_HOME: home };
}

async function executable(file: string, text: string): Promise<void> {
  await writeFile(file, text);
  await chmod(file, 0o755);
}

const quoted = (words: readonly string[]) => words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
