import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { ControlPlane } from "../../components/cluster/control-plane";
import { NodeBase } from "../../components/cluster/node-base";
import { Workers } from "../../components/cluster/workers";
import type { ClusterNode } from "../../components/node/cluster-node";
import * as samples from "./cluster-samples";
import { isSecret, node, registered, settled } from "./registered";

const commands = () => registered.filter(({ type }) => type === "command:remote:Command");

test("a node's files are written only after the check that its API server endpoint has not changed", async () => {
  new NodeBase("worker1-base", { facts: samples.facts, node: node(samples.worker1) });
  await settled();
  assert.deepEqual(
    commands().map(({ name }) => name),
    ["worker1-base-endpoint", "worker1-base-files"],
  );
  assert.match(JSON.stringify(commands()[0]?.inputs.stdin), /api\.lab\.kjerne\.internal:6443"$/);
});

test("tokens, keys and the kubeconfig are Pulumi secrets, and no command line contains one", async () => {
  const [cp1, worker1] = [node(samples.cp1), node(samples.worker1)];
  const controlPlane = new ControlPlane("lab", {
    facts: samples.facts,
    nodes: [cp1],
    declared: [samples.cp1, samples.worker1],
    after: [],
  });
  new Workers("workers", { facts: samples.facts, controlPlane, through: cp1, nodes: [worker1], after: [] });
  assert.equal(await pulumi.isSecret(controlPlane.kubeconfig), true);
  await settled();

  const secretInput = (name: string) => isSecret(commands().find((command) => command.name === name)?.inputs.stdin);
  assert.deepEqual(
    ["cp1-encryption", "workers-join-admit", "worker1-join", "cp1-control-plane"].map((name) => [
      name,
      secretInput(name),
    ]),
    [
      ["cp1-encryption", true],
      ["workers-join-admit", true],
      ["worker1-join", true],
      ["cp1-control-plane", false],
    ],
  );
  for (const { name, inputs } of commands()) {
    assert.doesNotMatch(JSON.stringify([inputs.create, inputs.update]), /rrrr/, `${name} has a secret in its command`);
  }
});

test("the operator's kubeconfig has the API server's address, since only nodes resolve its name", async () => {
  const controlPlane = new ControlPlane("a", {
    facts: samples.facts,
    nodes: [node(samples.cp1)],
    declared: [],
    after: [],
  });
  const text = await new Promise<string>((resolve) => pulumi.unsecret(controlPlane.kubeconfig).apply(resolve));
  assert.match(text, /https:\/\/10\.20\.0\.11:6443/);
});

test("a changed control plane configuration changes `done`, so that the verification runs again", async () => {
  const doneOf = (name: string, facts: typeof samples.facts) => {
    const { done } = new ControlPlane(name, { facts, nodes: [node(samples.cp1)], declared: [], after: [] });
    return new Promise<string>((resolve) => done.apply(resolve));
  };
  const before = await doneOf("b", samples.facts);
  assert.equal(await doneOf("b", samples.facts), before);
  assert.notEqual(await doneOf("b", { ...samples.facts, serviceCidr: "10.97.0.0/16" }), before);
});

test("further control planes join one after the other, each with the certificate key", async () => {
  const [cp2, cp3] = ["2", "3"].map((n) => node({ name: `cp${n}`, address: `10.20.0.1${n}` })) as [
    ClusterNode,
    ClusterNode,
  ];
  new ControlPlane("ha", { facts: samples.facts, nodes: [node(samples.cp1), cp2, cp3], declared: [], after: [] });
  await settled();
  const joins = commands().filter(({ name }) => /^cp[23]-join$/.test(name));
  assert.deepEqual(
    joins.map(({ name }) => name),
    ["cp2-join", "cp3-join"],
  );
  for (const { inputs } of joins) {
    assert.match((inputs.stdin as { value: string }).value, /^ {2}certificateKey: [0-9a-f]{64}$/m);
  }
});

test("a single control plane still removes control planes that are no longer listed, but not itself", async () => {
  new ControlPlane("alone", { facts: samples.facts, nodes: [node(samples.cp1)], declared: [], after: [] });
  await settled();
  const admission = commands().find(({ name }) => name === "alone-join-admit")?.inputs.stdin as { value: string };
  const { group, through, nodes, certificates } = JSON.parse(admission.value.slice(admission.value.lastIndexOf("\n{")));
  assert.deepEqual(
    { group, through, nodes, certificates },
    { group: "alone-join", through: "cp1", nodes: [], certificates: "" },
  );
});

test("a preview lets policies read the kubeadm init command and the encryption at rest, but not its key", async () => {
  new ControlPlane("early", { facts: samples.facts, nodes: [node(samples.cp1)], declared: [], after: ["1"] });
  await settled();
  const inputsOf = (type: string, name: string) =>
    registered.find((resource) => resource.type === type && resource.name === name)?.inputs;
  assert.deepEqual(inputsOf("kjerne:cluster:ControlPlane", "early")?.encryptionAtRest, [
    { resources: ["secrets", "configmaps"], providers: [{ secretbox: {} }, { identity: {} }] },
  ]);
  const line = inputsOf("kjerne:node:NodeScript", "cp1-init")?.commandLine as string;
  const [command] = commands().filter(({ name }) => name === "cp1-init");
  assert.match(String(command?.inputs.create), /^.* # after [0-9a-f]{64}$/);
  assert.ok(String(command?.inputs.create).startsWith(`${line} # after `));
});
