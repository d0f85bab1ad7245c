import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseDocument } from "yaml";
import { ensureEngine, linkPlugins } from "../../tools/engine/engine";
import { pulumi, pulumiOutput } from "../../tools/pulumi";
import { run } from "../../tools/run";
import { ensureSupply } from "../../tools/supply/supply";
import { transpiled } from "../transpiled";

const repository = join(__dirname, "../..");

interface PreviewStep {
  readonly op: string;
  readonly urn: string;
  readonly newState: {
    readonly type: string;
    readonly inputs: Record<string, unknown>;
    /** Seconds. */
    readonly customTimeouts?: { readonly delete?: number };
  };
}

let directory: string;
let env: NodeJS.ProcessEnv;

/** Copies the committed oslo stack file and replaces in it only the paths of files, which are made here. */
before(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-oslo-"));
  const at = (name: string) => join(directory, name);
  const [engine, supply] = [await ensureEngine(() => {}), await ensureSupply(() => {})];
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at("key")]);
  const stack = parseDocument(await readFile(join(repository, "stacks/Pulumi.oslo.yaml"), "utf8"));
  const files = { privateKeyFile: at("key"), publicKeyFile: at("key.pub") };
  stack.setIn(["config", "kjerne:ssh"], files);
  stack.setIn(["config", "kjerne:network", "calico", "manifest"], join(supply.directory, "manifests/calico.yaml"));
  stack.setIn(["config", "kjerne:supply", "index"], join(supply.directory, "supply.json"));
  stack.setIn(["config", "kjerne:supply", "packages", 0, "signedByFile"], join(supply.directory, "kjerne.asc"));
  await writeFile(at("Pulumi.oslo.yaml"), stack.toString());
  await writeFile(at("Pulumi.yaml"), "name: kjerne\nruntime: nodejs\n");
  await writeFile(at("passphrase"), "only for this preview", { mode: 0o600 });
  await mkdir(at("backend"));
  await linkPlugins(engine, at("home"));
  env = {
    ...process.env,
    ...engine.env,
    PULUMI_HOME: at("home"),
    PULUMI_BACKEND_URL: `file://${at("backend")}`,
    PULUMI_CONFIG_PASSPHRASE_FILE: at("passphrase"),
    PULUMI_OPTION_CONFIG_FILE: at("Pulumi.oslo.yaml"),
    ...transpiled,
    TMPDIR: directory,
  };
  await pulumiOutput(["stack", "init", "oslo"], { cwd: directory, env });
});

after(() => rm(directory, { recursive: true, force: true }));

/** Steps of a preview with the BGP password of every router set; runs once for all tests. */
const preview = () => (previewed ??= setPasswords().then(stepsOfPreview));
let previewed: Promise<PreviewStep[]> | undefined;

async function setPasswords() {
  for (const router of ["tor1", "tor2"]) await setPassword(router);
}

const runPreview = () => pulumi(["preview", "--stack", "oslo", "--json"], { cwd: repository, env });

async function stepsOfPreview(): Promise<PreviewStep[]> {
  const { code, output, errors } = await runPreview();
  assert.equal(code, 0, output + errors);
  return (JSON.parse(output) as { steps: PreviewStep[] }).steps;
}

async function setPassword(router: string) {
  const key = `kjerne:bgpPasswords.${router}`;
  const args = ["config", "set", "--secret", "--path", key, "--stack", "oslo"];
  await pulumiOutput(args, { cwd: directory, env, input: "not-a-real-one" });
}

test("a preview without a router's BGP password fails, and the error names the command that sets it", async () => {
  await setPassword("tor1");
  const { code, output, errors } = await runPreview();
  assert.notEqual(code, 0);
  assert.match(output + errors, /bgpPasswords\.tor2 is not set.*pulumi config set --secret/);
});

test("a preview of oslo reaches no machine and shows hypervisors, nodes with country and BGP peers", async () => {
  const steps = await preview();
  assert.ok(steps.every(({ op }) => op === "create"));

  const ofType = (type: string) => steps.filter(({ newState }) => newState.type === type);
  // Pulumi registers resources in no particular order.
  const names = (type: string) =>
    ofType(type)
      .map(({ urn }) => urn.split("::").at(-1))
      .sort();
  assert.deepEqual(names("kjerne:hypervisor:Hypervisor"), ["hv1", "hv2", "hv3"]);
  assert.deepEqual(names("kjerne:node:KvmNode"), ["cp1", "cp2", "cp3", "worker1", "worker2", "worker3"]);
  for (const { newState } of ofType("kjerne:node:KvmNode")) {
    assert.equal((newState.inputs.site as { country: string }).country, "NO");
  }
  assert.deepEqual(names("kubernetes:crd.projectcalico.org/v1:BGPPeer"), [
    "oslo-calico-bgppeer-tor1",
    "oslo-calico-bgppeer-tor2",
  ]);
});

test("every Kubernetes object has a delete timeout of two minutes, so that a destroy ends", async () => {
  const objects = (await preview()).filter(({ newState }) =>
    /^kubernetes:(crd\.projectcalico|networking|apps|rbac)/.test(newState.type),
  );
  assert.ok(objects.length > 10);
  for (const { urn, newState } of objects) assert.equal(newState.customTimeouts?.delete, 120, urn);
});

test("a preview shows neither the private key nor a BGP password", async () => {
  const steps = await preview();
  const shown = JSON.stringify(steps);
  const key = (await readFile(join(directory, "key"), "utf8")).split("\n")[1] as string;
  assert.ok(!shown.includes(key), "the private key");
  assert.ok(!shown.includes("not-a-real-one"), "a router's password");
  const passwords = steps.filter(({ urn }) => /secret-kjerne-bgp-tor[12]$/.test(urn));
  assert.equal(passwords.length, 2, "the passwords are in it, as secrets");
});
