import assert from "node:assert/strict";
import { test } from "node:test";
import type * as pulumi from "@pulumi/pulumi";
import { ExistingMachine, type ExistingMachineArgs } from "../../components/node/existing-machine";
import { archiveKey, publicKeyOf } from "./key-samples";
import { isScript, isSecret, registered, settled } from "./registered";

const rented: ExistingMachineArgs = {
  site: { country: "NO" },
  cluster: "oslo",
  role: "worker",
  address: "10.20.0.41",
  machine: { address: "203.0.113.7", port: 2222, user: "debian", hostKey: publicKeyOf("worker1") },
  autodetection: "kubernetes-internal-ip",
  modules: ["overlay"],
  sources: [{ uri: "https://apt.eksempel.no", suite: "bookworm", components: ["main"], publicKey: archiveKey }],
  packages: ["kubelet=1.36.3-1"],
  images: { "registry.k8s.io/pause:3.10.2": "sha256:aa" },
  ssh: { privateKey: "private" },
};

const commandOf = (name: string) =>
  registered.find((one) => one.name === name && isScript(one))?.inputs as {
    readonly script: string;
    readonly undo?: string;
    readonly asLoginUser?: boolean;
    readonly connection: unknown;
  };

test("policies read where a machine is, how it is reached and what it installs, before anything runs", async () => {
  new ExistingMachine("worker1", rented);
  await settled();
  const { inputs } = registered.find(({ type }) => type === "kjerne:node:ExistingMachine") as (typeof registered)[0];
  assert.deepEqual(inputs.site, { country: "NO" });
  assert.equal(inputs.address, "10.20.0.41");
  assert.deepEqual(inputs.machine, {
    address: "203.0.113.7",
    port: 2222,
    user: "debian",
    hostKey: publicKeyOf("worker1"),
    container: false,
    untestedRelease: false,
  });
  assert.deepEqual(inputs.packages, rented.packages);
});

test("it is looked at as the login user, before root changes anything, and is released when it leaves", async () => {
  new ExistingMachine("worker1", rented);
  await settled();
  const [look, adopt] = ["worker1-preflight", "worker1-machine"].map(commandOf);
  assert.deepEqual([look?.script, look?.undo, look?.asLoginUser], ["machine/preflight.sh", undefined, true]);
  assert.deepEqual(
    [adopt?.script, adopt?.undo, adopt?.asLoginUser],
    ["machine/adopt.sh", "machine/release.sh", undefined],
  );
  const names = registered.map(({ name }) => name);
  assert.ok(names.indexOf("worker1-preflight") < names.indexOf("worker1-machine"));
});

test("it is reached where the settings say, pinned to their host key, and its key stays a secret", async () => {
  new ExistingMachine("worker1", rented);
  await settled();
  const { connection } = commandOf("worker1-machine");
  assert.match(JSON.stringify(connection), /"203\.0\.113\.7".*2222|2222.*"203\.0\.113\.7"/);
  assert.match(JSON.stringify(connection), /ssh-ed25519 AAAAC3/);
  assert.ok(isSecret(connection));
});

test("nothing of a machine is a reason to replace it: a change updates it in place", async () => {
  const triggers: unknown[] = [];
  const watch: pulumi.ResourceTransformation = ({ opts }) => {
    triggers.push((opts as pulumi.CustomResourceOptions).replacementTrigger);
    return undefined;
  };
  new ExistingMachine("worker1", rented, { transformations: [watch] });
  await settled();
  assert.ok(triggers.length > 1);
  assert.deepEqual(new Set(triggers), new Set([undefined]));
});
