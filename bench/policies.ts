import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { builtPack } from "../review/packs/built-pack";
import { findPacks } from "../review/packs/packs";
import { makeWorkspace } from "../test/engine/workspace";
import type { Described } from "../test/policies/programs/resources";
import { inOslo } from "../test/policies/residency-programs";
import { processorSecondsOf, processTree } from "./processes";

/**
 * Measures what policy packs cost: processor time of an `up` that changes nothing, with all packs and without, in one
 * run. A pack without rules shows the share of Pulumi's SDK and engine.
 * `node --import tsx bench/policies.ts 1000`
 */
const count = Number(process.argv[2] ?? 1000);
const repository = join(__dirname, "..");

async function main(): Promise<void> {
  const packs = await findPacks(repository);
  const workspace = await makeWorkspace("../../policies/programs/resources.ts");
  try {
    await workspace.setInput(program());
    const made = await workspace.up();
    if (made.code !== 0) throw new Error(made.output);

    // The program satisfies one pack only: violations of the others must not stop it.
    const config = join(workspace.directory, "advisory.json");
    await writeFile(config, JSON.stringify({ all: "advisory" }));
    const noOp = (directories: readonly string[]) => {
      const flags = directories.flatMap((pack) => ["--policy-pack", pack, "--policy-pack-config", config]);
      return processorSeconds(workspace.spawn("up", "--yes", "--skip-preview", ...flags));
    };
    const without = await noOp([]);
    console.log(`${count} resources, nothing to change; processor time`);
    console.log(`without packs: ${without.toFixed(1)} s`);
    const runs = new Map([
      ["a pack without a rule", [await emptyPack(workspace.directory)]],
      [
        "every pack in a process of its own",
        await Promise.all(packs.map(({ folder }) => builtPack(repository, folder))),
      ],
      ["all packs together", [await builtPack(repository)]],
    ]);
    for (const [what, directories] of runs) {
      const seconds = await noOp(directories);
      console.log(`with ${what}: ${seconds.toFixed(1)} s, ${(seconds / without).toFixed(2)} times`);
    }
  } finally {
    await workspace.remove();
  }
}

async function emptyPack(within: string): Promise<string> {
  const directory = join(within, "empty");
  await mkdir(directory);
  const write = (name: string, text: string) => writeFile(join(directory, name), text);
  await write("PulumiPolicy.yaml", "runtime: { name: nodejs, options: { typescript: false } }\n");
  await write("package.json", JSON.stringify({ version: "1.0.0" }));
  await write("index.js", 'new (require("@pulumi/policy").PolicyPack)("empty", { policies: [] });\n');
  await symlink(join(repository, "node_modules"), join(directory, "node_modules"));
  return directory;
}

/** The passing program of the residency tests, filled up to `count` resources with ConfigMaps. */
function program(): Described[] {
  const filler = Array.from({ length: count - inOslo.length }, (_, i): Described => {
    const metadata = { name: `settings-${i}`, namespace: "production" };
    return {
      type: "kubernetes:core/v1:ConfigMap",
      name: `settings-${i}`,
      properties: { metadata, data: { key: "v" } },
    };
  });
  return [...inOslo, ...filler];
}

/** Processor time of a process and its descendants, sampled until it ends: use after the last sample is missed. */
async function processorSeconds(child: { pid?: number; once(event: "exit", then: () => void): unknown }) {
  const seen = new Map<number, number>();
  const sampling = setInterval(() => {
    for (const pid of processTree(Number(child.pid))) seen.set(pid, processorSecondsOf(pid) ?? seen.get(pid) ?? 0);
  }, 50);
  await new Promise<void>((done) => child.once("exit", done));
  clearInterval(sampling);
  return [...seen.values()].reduce((sum, seconds) => sum + seconds, 0);
}

main().catch((error) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
