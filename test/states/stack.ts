import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { parseDocument } from "yaml";
import { ensureEngine, linkPlugins } from "../../tools/engine/engine";
import { pulumiOutput } from "../../tools/pulumi";
import { transpiled } from "../transpiled";

const passphrase = "opens nothing but states made for tests";

/** Runs the CLI on one of the recorded stacks, in the program of some checkout, and gives what it printed. */
export type Pulumi = (...args: readonly string[]) => Promise<string>;

/**
 * A stack whose machines and API server are played by `answering-provider.ts`, through the real engine.
 *
 * @param name Settings in `settings/`, and name of the stack.
 * @param program Checkout whose program runs.
 * @param directory Empty; gets backend, settings and plugins.
 * @param more Variables for every run of the CLI.
 * @param others Provider → its executable, for one that `answering-provider.ts` does not play.
 */
export async function playedStack(
  name: string,
  program: string,
  directory: string,
  more: NodeJS.ProcessEnv = {},
  others: Readonly<Record<string, string>> = {},
): Promise<Pulumi> {
  const at = (file: string) => join(directory, file);
  const engine = await ensureEngine(() => {});
  const played = await buildProvider(join(__dirname, "answering-provider.ts"), at("provider"));
  const plugins = engine.plugins.map((plugin) => ({ ...plugin, file: others[plugin.name] ?? played }));
  await linkPlugins({ plugins }, at("home"));
  await mkdir(at("backend"));
  await writeFile(at("passphrase"), passphrase, { mode: 0o600 });
  // Not the program's own file, which names the provider of the checkout.
  await writeFile(at("Pulumi.yaml"), JSON.stringify({ name: "kjerne", runtime: "nodejs", main: program }));
  await writeFile(at(`Pulumi.${name}.yaml`), await settings(name));
  const env = {
    ...process.env,
    ...engine.env,
    // Others reach the machines that a benchmark plays.
    ...(Object.keys(others).length === 0 ? { PATH: `${join(__dirname, "without-network")}:${engine.env.PATH}` } : {}),
    PULUMI_HOME: at("home"),
    PULUMI_BACKEND_URL: `file://${at("backend")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: at("passphrase"),
    PULUMI_OPTION_CONFIG_FILE: at(`Pulumi.${name}.yaml`),
    PULUMI_DEBUG_COMMANDS: "true", // for --event-log
    ...transpiled,
    TMPDIR: directory,
    ...more,
  };
  const run = (args: readonly string[]) => pulumiOutput(args, { cwd: directory, env });

  await run(["stack", "init", name]);
  const passwords = ["tor1", "tor2", "router"].map((router) => `--secret=kjerne:bgpPasswords.${router}=a-password`);
  await run(["config", "set-all", "--path", "--stack", name, ...passwords]);
  return (...args) => run([...args, "--stack", name]);
}

/** The recorded settings; files that they name lie beside them. */
async function settings(name: string): Promise<string> {
  const here = (file: string) => join(__dirname, "settings", file);
  const document = parseDocument(await readFile(here(`Pulumi.${name}.yaml`), "utf8"));
  const config = (key: string, ...path: (string | number)[]) => ["config", `kjerne:${key}`, ...path];
  const manifest = await readFile(here("calico.yaml"));
  document.setIn(config("ssh"), { privateKeyFile: here("key"), publicKeyFile: here("key.pub") });
  document.setIn(config("network", "calico", "manifest"), here("calico.yaml"));
  document.setIn(config("network", "calico", "manifestSha256"), createHash("sha256").update(manifest).digest("hex"));
  document.setIn(config("supply", "index"), here("supply.json"));
  document.setIn(config("supply", "packages", 0, "signedByFile"), here("apt.asc"));
  return document.toString();
}

async function buildProvider(program: string, directory: string): Promise<string> {
  const file = join(directory, "provider.js");
  await build({
    entryPoints: [program],
    outfile: file,
    bundle: true,
    platform: "node",
    banner: { js: "#!/usr/bin/env node" },
    logLevel: "silent",
  });
  await chmod(file, 0o755);
  return file;
}
