import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseDocument } from "yaml";
import { type Pulumi, playedStack } from "../states/stack";

let directory: string;
let pulumi: Pulumi;
/** Names of the commands that were run to undo something. */
let undone: string;

/** A cluster that runs, as the engine sees it; its control planes are cp1, cp2 and cp3, and may go. */
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-control-planes-"));
  undone = join(directory, "undone");
  pulumi = await playedStack("oslo", join(__dirname, "../.."), directory, { PLAYED_DELETIONS: undone });
  await edit((nodes) => nodes);
  await pulumi("up", "--yes", "--skip-preview");
});
after(() => rm(directory, { recursive: true, force: true }));

type Node = Readonly<Record<string, unknown>> & { readonly name: string; readonly role?: string };

async function edit(change: (nodes: readonly Node[]) => readonly Node[]): Promise<void> {
  const file = join(directory, "Pulumi.oslo.yaml");
  const document = parseDocument(await readFile(file, "utf8"));
  document.setIn(["config", "kjerne:deletionProtection"], false);
  const { config } = document.toJSON();
  document.setIn(["config", "kjerne:nodes"], change(config["kjerne:nodes"]));
  await writeFile(file, document.toString());
}

interface Event {
  readonly op: string;
  readonly urn: string;
  readonly isDone: boolean;
}

/** What an `up` did, in order: each step when it began and when it was done. */
async function up(change: (nodes: readonly Node[]) => readonly Node[]): Promise<readonly Event[]> {
  await edit(change);
  const log = join(directory, "events.jsonl");
  await rm(log, { force: true });
  await pulumi("up", "--yes", "--skip-preview", "--event-log", log);
  return (await readFile(log, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .flatMap(({ resourcePreEvent, resOutputsEvent }) => {
      const metadata = (resourcePreEvent ?? resOutputsEvent)?.metadata;
      return metadata ? [{ ...metadata, isDone: Boolean(resOutputsEvent) } as Event] : [];
    });
}
const nameOf = ({ urn }: Event) => urn.split("::").at(-1) as string;
const at = (events: readonly Event[], op: string, name: string, isDone: boolean) => {
  const found = events.findIndex((event) => event.op === op && nameOf(event) === name && event.isDone === isDone);
  assert.ok(found >= 0, `${op} ${name}`);
  return found;
};
/** Nodes that have left since the last time this was asked, in that order. */
async function left(): Promise<readonly string[]> {
  const names = (await readFile(undone, { encoding: "utf8", flag: "a+" })).split("\n");
  await rm(undone);
  return names.flatMap((name) => (name.endsWith("-admit") ? [name.replace("-admit", "")] : []));
}
const replaced = (events: readonly Event[]) =>
  [...new Set(events.filter(({ op }) => op === "replace").map(nameOf))].sort();

/** Resources that must be there before this one. */
async function dependenciesOf(name: string): Promise<readonly string[]> {
  const { resources } = JSON.parse(await pulumi("stack", "export")).deployment;
  const { dependencies } = resources.find(
    ({ type, urn }: { type: string; urn: string }) => type.startsWith("kjerne-drift:") && urn.endsWith(`::${name}`),
  );
  return dependencies.map((urn: string) => urn.split("::").at(-1));
}

test("a first control plane whose machine is made anew leaves before, and another one lets it in before it joins", async () => {
  const events = await up((nodes) => nodes.map((node) => (node.name === "cp1" ? { ...node, rootGiB: 60 } : node)));
  assert.deepEqual([replaced(events), await left()], [["cp1-admit", "cp1-join-token", "cp1-machine"], ["cp1"]]);
  const order = [
    at(events, "delete-replaced", "cp1-admit", true),
    at(events, "delete-replaced", "cp1-machine", false),
    at(events, "create-replacement", "cp1-machine", true),
    at(events, "create-replacement", "cp1-admit", false),
  ];
  assert.deepEqual(
    order,
    [...order].sort((a, b) => a - b),
  );
  assert.ok((await dependenciesOf("cp2-invites")).includes("cp1-machine"));
  assert.ok((await dependenciesOf("cp3-invites")).includes("cp2-invites"));
  assert.ok((await dependenciesOf("cp1-init")).includes("cp3-invites"));
});

const controlPlane = (name: string, address: string) => {
  const size = { cpus: 4, memoryMiB: 8192 };
  return { name, role: "control-plane", hypervisor: "hv1", address, ...size };
};

test("another one takes the place of the first: that leaves before its machine goes, and no other does", async () => {
  const events = await up((nodes) => [
    ...nodes.filter(({ name }) => name !== "cp1"),
    controlPlane("cp9", "10.20.0.30"),
  ]);
  assert.deepEqual([replaced(events), await left()], [[], ["cp1"]]);
  assert.ok(at(events, "create", "cp9-admit", true) < at(events, "delete", "cp1-admit", false));
  assert.ok(at(events, "delete", "cp1-admit", true) < at(events, "delete", "cp1-machine", false));
});

test("two that are taken out both leave, each before the machine goes that lets it go, while a new one becomes the first", async () => {
  const events = await up((nodes) => [
    ...nodes.filter(({ name }) => !["cp3", "cp9"].includes(name)),
    controlPlane("cp0", "10.20.0.28"),
    controlPlane("cp4", "10.20.0.29"),
  ]);
  assert.deepEqual([replaced(events), [...(await left())].sort()], [[], ["cp3", "cp9"]]);
  for (const machine of ["cp3", "cp9"])
    assert.ok(at(events, "delete", "cp3-admit", true) < at(events, "delete", `${machine}-machine`, false));
});

test("where none of the control planes is in the cluster, a second one is not taken for it, and no machine is given up", async () => {
  await edit((nodes) => [...nodes.filter(({ role }) => role === "worker"), controlPlane("cp5", "10.20.0.30")]);
  await assert.rejects(
    pulumi("up", "--yes", "--skip-preview"),
    /cp5 has a cluster of its own, whose CA is sha256:5+; that of this stack's is sha256:0+, and none of the control planes/,
  );
  assert.deepEqual(await left(), []);
});

test("when all of it is destroyed, nobody is asked to let a node go", async () => {
  await pulumi("destroy", "--yes", "--skip-preview");
  assert.deepEqual(await left(), []);
});
