import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isSeq, parseDocument, type YAMLMap } from "yaml";
import { resize } from "../../test/states/sized";
import { playedStack } from "../../test/states/stack";
import { run } from "../../tools/run";
import { type Machines, startMachines } from "./machines";

/**
 * `create-once.ts NODES PARALLEL`, as root in a network namespace of its own: creates a cluster by the real engine and
 * the real provider of scripts and files on machines that an SSH server plays, and prints {"seconds", "sessions"}. What Kubernetes'
 * API server would do takes no time, and nothing is verified.
 */
const [nodes, parallel] = process.argv.slice(2).map(Number) as [number, number];
const [name, repository] = ["oslo", join(__dirname, "../..")];
const own = join(repository, "components/drift/pulumi-resource-kjerne-drift");

async function main(): Promise<void> {
  await run("ip", ["link", "set", "lo", "up"]);
  await run("ip", ["route", "add", "local", "10.0.0.0/8", "dev", "lo"]);
  const directory = await mkdtemp(join(tmpdir(), "kjerne-bench-"));
  try {
    const unverified = { NODE_OPTIONS: `--require ${join(__dirname, "nothing-verified.cjs")}` };
    const pulumi = await playedStack(name, repository, directory, unverified, { "kjerne-drift": own });
    await resize(directory, name, nodes);
    const machines = await playMachines(join(directory, `Pulumi.${name}.yaml`));
    const begun = Date.now();
    await pulumi("up", "--yes", "--skip-preview", "--parallel", String(parallel));
    console.log(JSON.stringify({ seconds: (Date.now() - begun) / 1000, sessions: machines.sessions() }));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Starts the machines of a settings file, and pins their host keys there. */
async function playMachines(file: string): Promise<Machines> {
  const document = parseDocument(await readFile(file, "utf8"));
  const hypervisors = document.getIn(["config", "kjerne:hypervisors"]);
  if (!isSeq<YAMLMap<string, string>>(hypervisors)) throw new Error(`${file} has no hypervisors`);
  const machines = await startMachines(hypervisors.items.map((one) => String(one.get("address"))));
  for (const one of hypervisors.items) one.set("hostKey", machines.hostKey(String(one.get("address"))));
  await writeFile(file, document.toString());
  return machines;
}

main().then(
  () => process.exit(0), // connections may be open yet
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
