import assert from "node:assert/strict";
import { test } from "node:test";
import { EtcdBackup } from "../../components/cluster/etcd-backup";
import type { WrittenFiles } from "../../components/machine/kept-files";
import { backup, credentials } from "./backup-samples";
import * as samples from "./cluster-samples";
import { areFiles, isSecret, node, registered, runs, settled } from "./registered";

const cp2 = { name: "cp2", address: "10.20.0.12" };
const kept = { ...backup(), everyMinutes: 60, keep: { count: 48, days: 14 } };

test("the store's keys are secrets on every control plane, and a backup is taken once their files are written", async () => {
  new EtcdBackup("oslo-backup", {
    ...{ cluster: "oslo", nodes: [node(samples.cp1), node(cp2)], credentials },
    ...kept,
  });
  await settled();
  const commands = registered.filter(runs);
  const taken = ["oslo-backup-take", "cp2-backup-asked"];
  assert.deepEqual(commands.map(({ name }) => name).slice(-2), taken, "the other one then looks into the store too");
  for (const name of ["cp1-backup", "cp2-backup"]) {
    const files = commands.find((one) => one.name === name)?.inputs.files;
    assert.ok(isSecret(files), name);
    assert.match(JSON.stringify(files), /secret_access_key = only-in-tests/);
  }
  const shown = JSON.stringify(registered.find(({ type }) => type === "kjerne:cluster:EtcdBackup")?.inputs);
  assert.match(shown, /"store":"s3:\/\/etcd\/oslo\?endpoint=backup\.eksempel\.no"/, "what policies judge");
  assert.ok(!shown.includes(credentials.secretAccessKey));
});

test("a store's own authority is a file of every control plane, which anybody may read", async () => {
  const authorities = "-----BEGIN CERTIFICATE-----";
  new EtcdBackup("b", { cluster: "oslo", nodes: [node(cp2)], credentials, ...kept, authorities });
  await settled();
  const written = registered.filter(areFiles).find(({ name }) => name === "cp2-backup");
  const { value: files } = written?.inputs.files as { value: WrittenFiles };
  const { mode, lines } = files["/etc/kjerne/backup/authorities.pem"] ?? {};
  assert.deepEqual({ mode, lines }, { mode: "0644", lines: [authorities, ""] });
});

test("a directory is shown to policies by its path", async () => {
  new EtcdBackup("a", { cluster: "oslo", nodes: [node(samples.cp1)], ...kept, to: { directory: "/mnt/backup" } });
  await settled();
  const found = registered.find(({ type }) => type === "kjerne:cluster:EtcdBackup")?.inputs;
  assert.equal(found?.store, "file:///mnt/backup");
});
