import assert from "node:assert/strict";
import { test } from "node:test";
import { kept, written } from "../../components/machine/kept-files";
import { digestOf, fileAt, pythonOf } from "../../components/machine/program-text";
import { runner } from "../../components/machine/runner";
import { connection, machine, urnOf } from "./provided-machine";

test("the state has a file of the package by its path, one of the settings line by line, and both come whole to the machine", async () => {
  const content = {
    own: fileAt("common/etc/crictl.yaml"),
    settings: "a = 1\nb = 2\n",
  };
  const set = {
    "/etc/two.conf": { mode: "0600", content: content.settings },
    "/etc/crictl.yaml": { mode: "0644", content: content.own },
  };
  const state = kept(set);
  assert.deepEqual(state, {
    "/etc/crictl.yaml": { mode: "0644", source: "common/etc/crictl.yaml", digest: digestOf(content.own) },
    "/etc/two.conf": { mode: "0600", lines: ["a = 1", "b = 2", ""] },
  });
  const { files, sent } = machine();
  const made = await files.create(urnOf("NodeFiles", "worker1-base-files"), { connection, files: state });
  assert.deepEqual(made, { id: "worker1-base-files", outs: {} });
  const input = sent[0]?.stdin.slice(`${runner}${pythonOf("write-files.py")}`.length) ?? "";
  assert.deepEqual(JSON.parse(input).set, "worker1-base-files");
  assert.equal(
    JSON.stringify(JSON.parse(input).files),
    JSON.stringify(written(set)),
    "in an order of its own: digests are made of it",
  );
});

test("policies read an object of Kubernetes in the state, though the package has it", () => {
  const policy = fileAt("control-plane/etc/kubernetes/kjerne/audit-policy.yaml");
  const [file] = Object.values(kept({ "/etc/kubernetes/audit-policy.yaml": { mode: "0644", content: policy } }));
  assert.deepEqual(file, { mode: "0644", lines: policy.split("\n") });
});

test("files leave the machine with their resource only if it says so", async () => {
  const { files, sent } = machine();
  const set = { connection, files: {} };
  await files.delete?.("id", urnOf("NodeFiles", "a"), set);
  assert.equal(sent.length, 0);
  await files.delete?.("id", urnOf("NodeFiles", "a"), { ...set, removedOnDelete: true });
  assert.match(sent[0]?.line ?? "", /write-files\.py delete 45 exclusive$/);
});
