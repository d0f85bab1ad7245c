import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseDocument } from "yaml";
import { lostMachine, type StateResource } from "../../stacks/lost-machine";
import { type Pulumi, playedStack } from "../states/stack";

let directory: string;
let pulumi: Pulumi;
/** Names of the commands that were run to undo something. */
let undone: string;

/** A cluster that runs, as the engine sees it: cp1 and worker1 lie on hv1. Control planes are protected. */
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-lost-machine-"));
  undone = join(directory, "undone");
  pulumi = await playedStack("oslo", join(__dirname, "../.."), directory, { PLAYED_DELETIONS: undone });
  await pulumi("up", "--yes", "--skip-preview");
});
after(() => rm(directory, { recursive: true, force: true }));

// biome-ignore lint/suspicious/noExplicitAny: settings as an operator writes them
async function up(change: (config: Record<string, any>) => void): Promise<readonly string[]> {
  const file = join(directory, "Pulumi.oslo.yaml");
  const document = parseDocument(await readFile(file, "utf8"));
  const { config } = document.toJSON();
  change(config);
  for (const key of ["kjerne:hypervisors", "kjerne:nodes"]) document.setIn(["config", key], config[key]);
  await writeFile(file, document.toString());
  await writeFile(undone, "");
  await pulumi("up", "--yes", "--skip-preview");
  return (await readFile(undone, "utf8")).split("\n").filter(Boolean).sort();
}

async function exported(): Promise<{ readonly deployment: { readonly resources: readonly StateResource[] } }> {
  return JSON.parse(await pulumi("stack", "export"));
}

test("a hypervisor that is gone is given up: its control plane leaves the cluster, and nothing is undone where nobody answers", async () => {
  const state = await exported();
  const lost = lostMachine(state.deployment.resources, "hv1");
  assert.deepEqual([lost.address, lost.port, [...lost.nodes].sort()], ["10.20.0.11", 22, ["cp1", "worker1"]]);
  const file = join(directory, "given-up.json");
  await writeFile(file, JSON.stringify({ ...state, deployment: { ...state.deployment, resources: lost.resources } }));
  await pulumi("stack", "import", "--file", file);
  assert.deepEqual(await pulumi("preview", "--expect-no-changes").then(() => "nothing changes"), "nothing changes");

  const ran = await up((config) => {
    config["kjerne:hypervisors"] = config["kjerne:hypervisors"].filter(({ name }: { name: string }) => name !== "hv1");
    const nodes = config["kjerne:nodes"].filter(({ name }: { name: string }) => name !== "worker1");
    config["kjerne:nodes"] = nodes.map((node: object) =>
      "name" in node && node.name === "cp1" ? { ...node, hypervisor: "hv2" } : node,
    );
  });
  assert.deepEqual(ran, ["cp1-admit"]);
  const left = (await exported()).deployment.resources.filter(({ urn }) => /::hv1\b/.test(urn));
  assert.deepEqual(left, [], "the state has nothing of it any more");
});

test("a machine that is not in the state, or that its hypervisor can undo, is refused with the way out", async () => {
  const { resources } = (await exported()).deployment;
  assert.throws(() => lostMachine(resources, "hv9"), /the state has no machine hv9; it has hv[23], hv[23]$/);
  assert.throws(() => lostMachine(resources, "cp2"), /cp2 is a virtual machine on hv2: take it out of kjerne:nodes/);
});
