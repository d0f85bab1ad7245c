import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { stringify } from "yaml";
import { upJudged } from "../../commands/lab/bring-up";
import { pulumiOn, type Stack } from "../../tools/stack";
import { makeWorkspace, type Workspace } from "../engine/workspace";
import type { Described } from "../policies/programs/resources";
import { inOslo } from "../policies/residency-programs";

/** The passing program without attestations and backups, which a lab has not: nodes, state and endpoints. */
const inLab = inOslo.filter(({ type }) => /^kjerne:(node:KvmNode|residency:(State|Endpoints))$/.test(type));

let workspace: Workspace;
let stack: Stack;
let lines: string[];

/** A stack like that of `make lab LAB=second`, without machines. */
before(async () => {
  workspace = await makeWorkspace("../../policies/programs/resources.ts");
  const { directory, env } = workspace;
  const main = join(__dirname, "../policies/programs/resources.ts");
  await writeFile(join(directory, "Pulumi.yaml"), stringify({ name: "kjerne", runtime: "nodejs", main }));
  stack = {
    name: "second",
    directory,
    program: directory,
    backend: join(directory, "backend"),
    env: env as Record<string, string>,
  };
  await pulumiOn(stack, ["stack", "init", "second"]);
  await declare("backend", "file://");
  await declare("secretsProvider", "passphrase");
});
beforeEach(() => {
  lines = [];
});
after(() => workspace.remove());

const declare = (field: string, value: string) =>
  pulumiOn(stack, ["config", "set", "--path", `kjerne:residency.state.${field}`, value, "--stack", "second"]);
const up = async (program: readonly Described[]) => {
  await workspace.setInput(program);
  await upJudged(stack, (line) => lines.push(line));
};

test("a lab with another name is judged like the default lab, and advisory findings go to the log only", async () => {
  await up(inLab);
  assert.ok(lines.some((line) => line.includes("KvmNode cp1")));
  assert.deepEqual(
    lines.filter((line) => /POL-00|advisory|Excepted/.test(line)),
    [],
  );
  assert.match(await readFile(join(workspace.directory, "up.log"), "utf8"), /Excepted until .*RES-12/s);
  assert.match(await readFile(join(workspace.directory, "policy.log"), "utf8"), /kjerne@v\d/);
});

test("a violation fails the lab with the policy pack's message and without advisory findings", async () => {
  const abroad = inLab.map((one) => (one.type === "kjerne:node:KvmNode" ? inGermany(one) : one));
  await assert.rejects(up(abroad), ({ message }: Error) => {
    assert.match(message, /^pulumi up failed; its whole output is in \S+\/up\.log/);
    assert.match(message, /RES-01 .*\n.*KvmNode cp\d, site\.country: is DE, not allowed; allowed: NO\./);
    assert.doesNotMatch(message, /POL-00|advisory|Excepted/);
    return true;
  });
});

test("a violation of any policy pack fails the lab", async () => {
  const containers = [{ name: "shop", image: "registry.k8s.io/shop:1", securityContext: { privileged: true } }];
  const spec = { template: { spec: { hostNetwork: true, containers } } };
  const properties = { metadata: { name: "shop", namespace: "production" }, spec };
  await assert.rejects(
    up([...inLab, { type: "kubernetes:apps/v1:Deployment", name: "shop", properties }]),
    /(NET-06 .*SEC-11 |SEC-11 .*NET-06 )/s,
  );
});

test("a state backend other than the declared one stops the lab before anything runs", async () => {
  await declare("backend", "s3://state?endpoint=s3.eksempel.no");
  await assert.rejects(up(inLab), /state\.backend says s3:\/\/state\S*, and pulumi is logged in to file:/);
  assert.deepEqual(lines, []);
  await declare("backend", "file://");
});

function inGermany({ properties, ...rest }: Described): Described {
  const site = properties.site as Record<string, unknown>;
  return { ...rest, properties: { ...properties, site: { ...site, country: "DE" } } } as Described;
}
