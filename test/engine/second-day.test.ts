import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parse } from "yaml";
import { type Pulumi, playedStack } from "../states/stack";

const repository = join(__dirname, "../..");

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly oldState?: { readonly type: string; readonly retainOnDelete?: boolean };
}
// biome-ignore lint/suspicious/noExplicitAny: settings as an operator could write them
type Config = Record<string, any>;

let directory: string;
let pulumi: Pulumi;
let settings: string;

/** A cluster that runs, as the engine sees it. */
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-second-day-"));
  pulumi = await playedStack("oslo", repository, directory);
  await pulumi("up", "--yes", "--skip-preview");
  settings = await readFile(join(directory, "Pulumi.oslo.yaml"), "utf8");
});
after(() => rm(directory, { recursive: true, force: true }));

/** Steps of a preview, such as `update worker1-machine`, after `change` edited the settings. Components are left out. */
async function preview(change: (config: Config) => void = () => {}): Promise<readonly string[]> {
  const steps = await stepsOf(change);
  return steps.filter(({ urn }) => !isComponent(urn)).map(({ op, urn }) => `${op} ${nameOf(urn)}`);
}

async function stepsOf(change: (config: Config) => void): Promise<readonly Step[]> {
  await edit(change);
  const { steps } = JSON.parse(await pulumi("preview", "--json")) as { steps: readonly Step[] };
  return steps.filter(({ op }) => op !== "same");
}

async function edit(change: (config: Config) => void): Promise<void> {
  const file = parse(settings);
  const keys = Object.entries(file.config).map(([key, value]) => [key.replace("kjerne:", ""), value]);
  const config = Object.fromEntries(keys);
  change(config);
  const edited = Object.entries(config).map(([key, value]) => [`kjerne:${key}`, value]);
  // JSON is YAML in which every text is quoted, a day too.
  await writeFile(join(directory, "Pulumi.oslo.yaml"), JSON.stringify({ ...file, config: Object.fromEntries(edited) }));
}

const nameOf = (urn: string) => urn.split("::").at(-1) as string;
const isComponent = (urn: string) => /(^|\$)kjerne:[^$]*$/.test(urn.split("::")[2] ?? "");
const isOfNamespace = ({ urn }: Step) => nameOf(urn).startsWith("oslo-production");
const node = (config: Config, name: string) => config.nodes.find((one: Config) => one.name === name) as Config;

test("one more time server, another MTU and another comment on a public key replace nothing", async () => {
  const keys = await readFile(parse(settings).config["kjerne:ssh"].publicKeyFile, "utf8");
  const renamed = join(directory, "keys.pub");
  await writeFile(renamed, keys.trim().split(" ").slice(0, 2).concat("renamed\n").join(" "));
  const steps = await preview(({ network, ssh }) => {
    network.timeServers.push("ntp2.eksempel.no");
    network.nameservers.push("10.20.0.9");
    network.mtu = 1500;
    ssh.publicKeyFile = renamed;
  });
  assert.deepEqual(
    steps.filter((step) => !/^update /.test(step)),
    [],
  );
  assert.ok(steps.includes("update worker3-base-files"), steps.join(", "));
});

test("no namespace of the settings is taken before the cluster was asked whose it is", async () => {
  const { resources } = JSON.parse(await pulumi("stack", "export")).deployment;
  const made = resources.find(({ urn }: { urn: string }) => nameOf(urn) === "oslo-production");
  assert.ok(made.dependencies.map(nameOf).includes("oslo-own-namespaces"), made.dependencies.join(", "));
});

test("nodes that have joined get their pods beside the start of calico-node, which they may keep waiting", async () => {
  const { resources } = JSON.parse(await pulumi("stack", "export")).deployment;
  const needs = (name: string): string[] =>
    resources
      .filter(({ urn }: { urn: string }) => nameOf(urn) === name)
      .flatMap(({ dependencies = [] }: { dependencies?: string[] }) => dependencies.map(nameOf));
  const needed = needs("oslo-routes-seen");
  for (const one of ["cp3-join", "worker1-join", "worker3-admit", "oslo-calico-bgpconfiguration-default"])
    assert.ok(needed.includes(one), `${one} is not among ${needed.join(", ")}`);
  const started = ["oslo-calico-daemonset-calico-node", "oslo-calico-deployment-calico-kube-controllers"];
  assert.deepEqual(
    needed.filter((one) => started.includes(one)),
    [],
  );
  assert.ok(needs("oslo-verification").includes("oslo-routes-seen"));
});

test("another pod network is refused by its name", async () => {
  await assert.rejects(
    preview(({ network }) => (network.podCidr = "10.200.0.0/16")),
    /network\.podCidr is 10\.200\.0\.0\/16 and was /,
  );
});

test("the order of nodes in the list means nothing", async () => {
  assert.deepEqual(await preview(({ nodes }) => nodes.reverse()), []);
});

test("another hypervisor replaces that machine and no other", async () => {
  const steps = await preview((config) =>
    Object.assign(node(config, "worker3"), { hypervisor: "hv1", pinnedCpus: [16, 17, 18, 19, 20, 21, 22, 23] }),
  );
  assert.deepEqual([...new Set(steps.filter((step) => !/^(update|create) /.test(step)))].sort(), [
    "replace worker3-admit",
    "replace worker3-join-token",
    "replace worker3-machine",
  ]);
});

test("the engine refuses to replace a control plane for another size of its disk", async () => {
  await assert.rejects(
    preview((config) => (node(config, "cp2").rootGiB = 60)),
    /unable to replace resource .*::cp2-machine.*\n?.*protection/,
  );
});

test("one more worker changes nothing of other nodes, and a namespace that is denied no longer outlives its policies", async () => {
  const steps = await stepsOf((config) => {
    const pinnedCpus = [16, 17, 18, 19, 20, 21, 22, 23];
    config.nodes.push({ ...node(config, "worker3"), name: "worker4", address: "10.20.0.44", pinnedCpus });
    config.defaultDeny = [];
  });
  const real = steps.filter(({ urn }) => !isComponent(urn));
  const [ofNamespace, others] = [real.filter(isOfNamespace), real.filter((step) => !isOfNamespace(step))];
  assert.deepEqual(
    others.map(({ op, urn }) => `${op} ${nameOf(urn)}`).filter((step) => !/ worker4-/.test(step)),
    [
      "update hv3-preflight",
      "update oslo-upgrade",
      "update oslo-network-trial",
      "update oslo-kube-proxy-mode",
      "update oslo-routes-seen",
      "update oslo-verification",
      "delete oslo-own-namespaces",
    ],
  );
  assert.ok(ofNamespace.length > 3 && ofNamespace.every(({ op }) => op === "delete"));
  const kept = ofNamespace.filter(({ oldState }) => oldState?.retainOnDelete).map(({ urn }) => nameOf(urn));
  assert.deepEqual(kept, ["oslo-production"]);
});

test("a node whose machine is replaced leaves the cluster before the machine goes", async () => {
  await edit((config) => (node(config, "worker3").rootGiB = 60));
  const log = join(directory, "events.jsonl");
  await pulumi("up", "--yes", "--skip-preview", "--event-log", log);
  const events = (await readFile(log, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const at = (kind: string, name: string) =>
    events.findIndex(
      ({ [kind]: event }) => event?.metadata.op === "delete-replaced" && nameOf(event.metadata.urn) === name,
    );
  assert.ok(at("resOutputsEvent", "worker3-admit") >= 0, "the node leaves");
  assert.ok(at("resOutputsEvent", "worker3-admit") < at("resourcePreEvent", "worker3-machine"));
});
