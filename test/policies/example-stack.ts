import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Document, parseDocument } from "yaml";
import { ensureEngine, linkPlugins } from "../../tools/engine/engine";
import { pulumi, pulumiOutput } from "../../tools/pulumi";
import { run } from "../../tools/run";
import { ensureSupply } from "../../tools/supply/supply";
import { transpiled } from "../transpiled";
import { inDays } from "./residency-programs";

const repository = join(__dirname, "../..");

/** A committed stack that can be previewed on any machine: keys and files are made here, all else is as committed. */
export interface ExampleStack {
  /** Writes the settings: the committed ones with this change. */
  setSettings(change?: (config: Document) => void): Promise<void>;
  preview(...args: string[]): Promise<{ code: number | null; output: string }>;
  readonly directory: string;
  remove(): Promise<void>;
}

export async function makeExampleStack(environment: "oslo" | "lab"): Promise<ExampleStack> {
  const directory = await mkdtemp(join(tmpdir(), `kjerne-${environment}-`));
  const at = (name: string) => join(directory, name);
  const [engine, supply] = [await ensureEngine(() => {}), await ensureSupply(() => {})];
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at("key")]);
  const hostKey = (await readFile(at("key.pub"), "utf8")).split(" ").slice(0, 2).join(" ");
  const stackFile = at(`Pulumi.${environment}.yaml`);
  const env = {
    ...process.env,
    ...engine.env,
    PULUMI_HOME: at("home"),
    PULUMI_BACKEND_URL: `file://${at("backend")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: at("passphrase"),
    PULUMI_OPTION_CONFIG_FILE: stackFile,
    ...transpiled,
    TMPDIR: directory,
  };
  const prepare = (args: string[], input?: string) =>
    pulumiOutput([...args, "--stack", environment], { cwd: directory, env, input });

  const write = async (change: (settings: Document) => void = () => {}) => {
    const settings = parseDocument(await readFile(join(repository, `stacks/Pulumi.${environment}.yaml`), "utf8"));
    const files = { privateKeyFile: at("key"), publicKeyFile: at("key.pub") };
    settings.setIn(["config", "kjerne:ssh"], files);
    settings.setIn(["config", "kjerne:hypervisors", 0, "hostKey"], hostKey);
    settings.setIn(["config", "kjerne:network", "calico", "manifest"], join(supply.directory, "manifests/calico.yaml"));
    settings.setIn(["config", "kjerne:supply", "index"], join(supply.directory, "supply.json"));
    settings.setIn(["config", "kjerne:supply", "packages", 0, "signedByFile"], join(supply.directory, "kjerne.asc"));
    keepAttested(settings);
    change(settings);
    await writeFile(stackFile, settings.toString());
    for (const peer of (settings.toJS() as Config).config["kjerne:network"].calico.peers ?? []) {
      const args = ["config", "set", "--secret", "--path", `kjerne:bgpPasswords.${peer.name}`];
      await prepare(args, "not-a-real-one");
    }
  };

  await writeFile(at("Pulumi.yaml"), "name: kjerne\nruntime: nodejs\n");
  await writeFile(at("passphrase"), "only for this preview", { mode: 0o600 });
  await mkdir(at("backend"));
  await linkPlugins(engine, at("home"));
  await prepare(["stack", "init"]);
  return {
    directory,
    setSettings: write,
    preview: async (...args) => {
      const all = ["preview", ...args, "--stack", environment];
      const { code, output, errors } = await pulumi(all, { cwd: repository, env });
      return { code, output: output + errors };
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Lets attestations end in 90 days: tests must not fail when the committed ones end. */
function keepAttested(settings: Document): void {
  const attestations = ["config", "kjerne:residency", "attestations"];
  const { length } = (settings.getIn(attestations) as { items: unknown[] }).items;
  for (let i = 0; i < length; i++) settings.setIn([...attestations, i, "until"], inDays(90));
}

interface Config {
  readonly config: {
    readonly "kjerne:network": { readonly calico: { readonly peers?: readonly { readonly name: string }[] } };
  };
}
