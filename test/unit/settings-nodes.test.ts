import assert from "node:assert/strict";
import { test } from "node:test";
import { problems, read } from "./environments";
import { publicKeyOf } from "./key-samples";

test("a node is on a hypervisor or on a machine that is there, and its keys show which", async () => {
  const rented = { name: "worker9", role: "worker", address: "10.20.0.99" };
  const { settings } = await read("oslo", (config) => {
    config.nodes.push({ ...rented, machine: { hostKey: publicKeyOf("worker9") } });
  });
  assert.deepEqual(settings.nodes.at(-1), {
    ...rented,
    kind: "existing",
    machine: { port: 22, user: "root", hostKey: publicKeyOf("worker9"), container: false, untestedRelease: false },
  });

  const found = await problems((config) => {
    config.nodes.push(
      rented,
      { ...rented, name: "worker10", address: "10.20.0.98", cpus: 4, machine: { hostKey: "ssh-rsa AAAA" } },
      {
        ...rented,
        name: "worker11",
        address: "10.20.0.97",
        hypervisor: "hv1",
        machine: { hostKey: publicKeyOf("worker11") },
      },
    );
  });
  const at = (await read("oslo")).settings.nodes.length;
  assert.match(found.join("\n"), new RegExp(`nodes\\[${at}\\]\\.hypervisor: is missing: name the hypervisor`));
  assert.match(found.join("\n"), /hostKey \(ssh-rsa AAAA\): is not an ed25519 host key/);
  assert.match(found.join("\n"), new RegExp(`nodes\\[${at + 1}\\]: Unrecognized key: "cpus"`));
  assert.match(found.join("\n"), new RegExp(`nodes\\[${at + 2}\\]: Unrecognized key: "hypervisor"`));
});

test("a cluster may have no hypervisor at all", async () => {
  const found = await problems((config) => {
    delete config.hypervisors;
    for (const node of config.nodes) {
      for (const key of ["hypervisor", "cpus", "memoryMiB", "rootGiB", "etcdGiB", "pinnedCpus"]) delete node[key];
      node.machine = { hostKey: publicKeyOf(node.name) };
    }
  });
  assert.deepEqual(found, []);
});
