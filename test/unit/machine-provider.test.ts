import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../../components/drift/scripts";
import { kept } from "../../components/machine/kept-files";
import { digestOf, fileAt, pythonOf, textOf } from "../../components/machine/program-text";
import { runner } from "../../components/machine/runner";
import { connection, machine, urnOf } from "./provided-machine";

const [script, undo] = ["hypervisor/create-node.sh", "hypervisor/remove-node.sh"];
const wanted = { connection, script, undo, digest: digestOf(textOf(script), textOf(undo)), stdin: "{}" };

const refusals = async (kind: Kind, inputs: object) =>
  ((await kind.check?.("", {}, inputs))?.failures ?? []).map(({ property, reason }) => `${property}: ${reason}`);

test("a script runs with its text from the package, and the state gets what it printed and nothing else", async () => {
  const { scripts, sent, shown } = machine();
  const urn = urnOf("NodeScript", "worker1-machine");
  assert.deepEqual(await scripts.create(urn, wanted), { id: "worker1-machine", outs: { stdout: "printed" } });
  assert.deepEqual(await scripts.update("id", urn, { stdout: "old" }, wanted), { outs: { stdout: "printed" } });
  await scripts.delete?.("id", urn, { ...wanted, stdout: "printed" });
  const ends = [
    "create-node.sh create 45 exclusive",
    "create-node.sh update 45 exclusive",
    "remove-node.sh delete 45 exclusive",
  ];
  assert.deepEqual(
    sent.map(({ line }) => line.split(" hypervisor/")[1]),
    ends,
  );
  const [run, undone] = [`${runner}${textOf(script)}${textOf(undo)}{}`, `${runner}${textOf(undo)}{}`];
  assert.deepEqual(
    sent.map(({ stdin }) => stdin),
    [run, run, undone],
  );
  assert.deepEqual(shown.slice(0, 2), ["worker1-machine: attempt 1 of 11 failed", "worker1-machine: printed"]);
});

test("a script without undo leaves its machine alone when it is deleted", async () => {
  const { scripts, sent } = machine();
  const { undo: _, ...rest } = wanted;
  await scripts.delete?.("id", urnOf("NodeScript", "a"), rest);
  assert.deepEqual(sent, []);
});

test("a script that a later package does not have any more is still undone, and one without an undo says so", async () => {
  const { scripts, sent } = machine();
  const urn = urnOf("NodeScript", "worker1-machine");
  await scripts.delete?.("id", urn, { ...wanted, script: "hypervisor/gone.sh" });
  assert.equal(sent.length, 1);
  await assert.rejects(
    async () => scripts.delete?.("id", urn, { ...wanted, undo: "hypervisor/gone.sh" }),
    /the package has no hypervisor\/gone\.sh any more, with which worker1-machine is undone.* pulumi state delete/,
  );
});

test("what a remote.Command of 0.1.0 would undo is not forgotten before an up has made it this version's", async () => {
  const { scripts, files, sent } = machine();
  const former = { connection, create: "/bin/sh -c …", delete: "/bin/sh -c …", stdin: "…" };
  for (const kind of [scripts, files])
    await assert.rejects(
      async () => kind.delete?.("id", urnOf("NodeScript", "worker1-machine"), former),
      /worker1-machine .* 0\.1\.0 .*pulumi up/,
    );
  assert.deepEqual(sent, []);
});

test("what a secret script prints is shown to nobody, and is in no error", async () => {
  const { scripts, shown } = machine(1);
  const failed = scripts.create(urnOf("NodeScript", "a"), { ...wanted, secret: true });
  await assert.rejects(
    failed,
    (error: Error) => /the pool is full/.test(error.message) && !/printed/.test(error.message),
  );
  assert.deepEqual(shown, ["a: attempt 1 of 11 failed"]);
});

test("a script that fails gives its name, its machine and its errors", async () => {
  const run = machine(7).scripts.create(urnOf("NodeScript", "a"), wanted);
  await assert.rejects(
    run,
    /^Error: hypervisor\/create-node\.sh create on 10\.0\.0\.1 failed with status 7:\nthe pool is full/,
  );
});

test("a provider of another package refuses before anything runs, and so does a connection that pins no key", async () => {
  const { scripts, files } = machine();
  assert.deepEqual(await refusals(scripts, wanted), []);
  const [other = ""] = await refusals(scripts, { ...wanted, digest: "0" });
  assert.match(other, /^digest: the program means another hypervisor\/create-node\.sh .* `plugins` in Pulumi\.yaml/);
  assert.match((await refusals(scripts, { ...wanted, script: "gone.sh" }))[0] ?? "", /another gone\.sh/);
  const { hostKey: _, ...unpinned } = connection;
  assert.match((await refusals(scripts, { ...wanted, connection: unpinned }))[0] ?? "", /^connection\.hostKey: /);
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"; // what a preview gives in the place of a value
  for (const notKnown of [unknown, { ...connection, proxy: unknown }])
    assert.deepEqual(await refusals(scripts, { ...wanted, connection: notKnown }), []);
  const through = { ...connection, proxy: unpinned };
  assert.match((await refusals(scripts, { ...wanted, connection: through }))[0] ?? "", /^connection\.proxy\.hostKey: /);

  const writer = digestOf(pythonOf("write-files.py"));
  const before = { script: "machine/ready.sh", digest: digestOf(textOf("machine/ready.sh")) };
  const set = kept({ "/etc/crictl.yaml": { mode: "0644", content: fileAt("common/etc/crictl.yaml") } });
  const right = { connection, files: set, writer, before };
  assert.deepEqual(await refusals(files, right), []);
  const changed = { "/etc/crictl.yaml": { ...set["/etc/crictl.yaml"], digest: "0" } };
  const wrong = { ...right, files: changed, writer: "0", before: { ...before, digest: "0" } };
  assert.deepEqual(
    (await refusals(files, wrong)).map((one) => one.split(" than ")[0]),
    [
      "writer: the program means another write-files.py",
      "files: the program means another common/etc/crictl.yaml",
      "before: the program means another machine/ready.sh",
    ],
  );
});

test("nothing outside the package goes to a machine, whatever a state names", async () => {
  const { scripts, files, sent } = machine();
  const [key, password] = ["../../.ssh/id_ed25519", "/etc/shadow"];
  const named = { ...wanted, script: key, undo: password };
  assert.deepEqual(
    (await refusals(scripts, named)).map((one) => one.split(" is not in the package")[0]),
    [`digest: ${key}`, `digest: ${password}`],
  );
  await assert.rejects(
    async () => scripts.delete?.("id", urnOf("NodeScript", "a"), { ...wanted, undo: key }),
    /not in the package/,
  );

  const source = { "/root/key": { mode: "0600", source: key, digest: "0" } };
  const set = { connection, files: source, writer: "0", before: { script: password, digest: "0" } };
  const found = await refusals(files, set);
  for (const [property, path] of [
    ["files", key],
    ["before", password],
  ])
    assert.ok(
      found.some((one) => one.startsWith(`${property}: ${path} is not in the package`)),
      path,
    );
  const copied = files.create(urnOf("NodeFiles", "a"), { connection, files: source });
  await assert.rejects(copied, /not in the package/);
  assert.deepEqual(sent, []);
});
