import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { ControlPlane } from "../../components/cluster/control-plane";
import { Workers } from "../../components/cluster/workers";
import * as samples from "./cluster-samples";
import { isSecret, prepared, registered, runs, settled } from "./registered";

const controlPlane = (name: string, facts: typeof samples.facts) =>
  new ControlPlane(name, { facts, nodes: [prepared(samples.cp1, facts)] });
const commands = () => registered.filter(runs);

test("a control plane's files and its encryption key are written only after the node said that it is in no other cluster", async () => {
  controlPlane("order", samples.facts);
  await settled();
  const names = commands().map(({ name }) => name);
  for (const name of ["cp1-control-plane", "cp1-encryption"])
    assert.ok(names.indexOf("cp1-base-files") < names.indexOf(name), names.join(", "));
  const asked = commands().find(({ name }) => name === "cp1-base-files")?.inputs.before as {
    script: string;
    stdin: string;
  };
  assert.equal(asked.script, "machine/ready.sh");
  assert.match(asked.stdin, /api\.lab\.kjerne\.internal:6443/);
});

test("tokens, keys and the kubeconfig are Pulumi secrets, and nothing else has one", async () => {
  const cp1 = prepared(samples.cp1, samples.facts);
  const made = new ControlPlane("lab", { facts: samples.facts, nodes: [cp1] });
  const nodes = [prepared(samples.worker1, samples.facts)];
  new Workers("workers", { facts: samples.facts, controlPlane: made, through: cp1.node, nodes });
  assert.equal(await pulumi.isSecret(made.kubeconfig), true);
  await settled();

  const secretInput = (name: string) => {
    const { files, stdin } = commands().find((command) => command.name === name)?.inputs ?? {};
    return isSecret(files ?? stdin);
  };
  assert.deepEqual(
    ["cp1-encryption", "worker1-admit", "worker1-join", "cp1-control-plane"].map((name) => [name, secretInput(name)]),
    [
      ["cp1-encryption", true],
      ["worker1-admit", true],
      ["worker1-join", true],
      ["cp1-control-plane", false],
    ],
  );
  for (const { name, inputs } of commands()) {
    assert.doesNotMatch(
      JSON.stringify(inputs, (_, value) => (isSecret(value) ? "[secret]" : value)),
      /rrrr/,
      `${name} has a secret in clear`,
    );
  }
});

test("the operator's kubeconfig has the API server's address, since only nodes resolve its name", async () => {
  const { kubeconfig } = controlPlane("a", samples.facts);
  const text = await new Promise<string>((resolve) => pulumi.unsecret(kubeconfig).apply(resolve));
  assert.match(text, /https:\/\/10\.20\.0\.11:6443/);
});

test("a changed control plane configuration changes `done`, so that the verification runs again", async () => {
  const doneOf = (name: string, facts: typeof samples.facts) => {
    const { done } = controlPlane(name, facts);
    return new Promise<string>((resolve) => done.apply(resolve));
  };
  const before = await doneOf("b", samples.facts);
  assert.equal(await doneOf("b", samples.facts), before);
  assert.notEqual(await doneOf("b", { ...samples.facts, serviceCidr: "10.97.0.0/16" }), before);
});

test("control planes join one after the other, whatever their order in the list, each with the certificate key", async () => {
  const [cp2, cp3] = ["2", "3"].map((n) => prepared({ name: `cp${n}`, address: `10.20.0.1${n}` }, samples.facts));
  assert.ok(cp2 && cp3);
  const nodes = [cp3, prepared(samples.cp1, samples.facts), cp2];
  new ControlPlane("ha", { facts: samples.facts, nodes });
  await settled();
  assert.ok(commands().some(({ name }) => name === "cp1-init"));
  const joins = commands().filter(({ name }) => /^cp[23]-join$/.test(name));
  assert.deepEqual(
    joins.map(({ name }) => name),
    ["cp2-join", "cp3-join"],
  );
  for (const { inputs } of joins) {
    assert.match((inputs.stdin as { value: string }).value, /^ {2}certificateKey: [0-9a-f]{64}$/m);
  }
});

test("another worker changes nothing of any other node", async () => {
  const deployed = async (count: number) => {
    registered.length = 0;
    const cp1 = prepared(samples.cp1, samples.facts);
    const made = new ControlPlane("grow", { facts: samples.facts, nodes: [cp1] });
    const nodes = Array.from({ length: count }, (_, i) =>
      prepared({ name: `worker${i}`, address: `10.20.0.${30 + i}` }, samples.facts),
    );
    new Workers("workers", { facts: samples.facts, controlPlane: made, through: cp1.node, nodes });
    await settled();
    return commands();
  };
  const before = await deployed(2);
  const after = await deployed(3);
  assert.deepEqual(
    before.filter(
      ({ name, inputs }) => JSON.stringify(after.find((one) => one.name === name)?.inputs) !== JSON.stringify(inputs),
    ),
    [],
  );
  assert.deepEqual(
    after
      .map(({ name }) => name)
      .filter((name) => !before.some((one) => one.name === name))
      .sort(),
    ["worker2-admit", "worker2-base-files", "worker2-join"],
  );
});

test("a preview lets policies read the encryption at rest, but not its key", async () => {
  controlPlane("early", samples.facts);
  await settled();
  const inputsOf = (type: string, name: string) =>
    registered.find((resource) => resource.type === type && resource.name === name)?.inputs;
  assert.deepEqual(inputsOf("kjerne:cluster:ControlPlane", "early")?.encryptionAtRest, [
    { resources: ["secrets", "configmaps"], providers: [{ secretbox: {} }, { identity: {} }] },
  ]);
});
