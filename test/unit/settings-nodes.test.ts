import assert from "node:assert/strict";
import { test } from "node:test";
import { clusterArgs } from "../../stacks/cluster-args";
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

test("labels of a node reach the cluster as they stand in the settings", async () => {
  const labels = { "topology.kubernetes.io/zone": "hall-2", "eksempel.no/disk": "nvme" };
  const { settings, files } = await read("oslo", (config) => {
    config.nodes[3].labels = labels;
    for (const peer of config.network.calico.peers) peer.authenticated = false;
  });
  assert.deepEqual(clusterArgs({ settings, files }).nodes[3]?.labels, labels);
});

test("a company's own authority reaches the cluster with its certificate", async () => {
  const { settings, files } = await read("oslo", (config) => {
    for (const peer of config.network.calico.peers) peer.authenticated = false;
  });
  const authorities = "-----BEGIN CERTIFICATE-----";
  assert.equal(clusterArgs({ settings, files: { ...files, authorities } }).supply.authorities, authorities);
});

test("a single control plane may have the endpoint's address in turn already, so that more change nothing", async () => {
  const found = await problems((config) => {
    config.nodes = [config.nodes[0], ...config.nodes.slice(3)];
    config.kubernetes.endpoint.by = "vrrp";
  });
  assert.deepEqual(found, []);
});

for (const count of [1, 2, 3, 4, 5, 6, 7, 9]) {
  test(`${count} control planes are ${[1, 3, 5, 7].includes(count) ? "taken" : "refused with the numbers that etcd takes"}`, async () => {
    const found = await problems((config) => {
      const [first] = config.nodes;
      const more = Array.from({ length: count }, (_, at) => ({
        ...first,
        name: `cp${at}`,
        address: `10.20.0.${100 + at}`,
      }));
      config.nodes = [...more, ...config.nodes.slice(3)];
      if (count === 1) config.kubernetes.endpoint.address = "10.20.0.100";
    });
    const expected = [1, 3, 5, 7].includes(count) ? [] : [`nodes: there are ${count} control planes`];
    assert.deepEqual(
      found.map((problem) => problem.split(";")[0]),
      expected,
    );
    assert.ok(found.every((problem) => problem.endsWith("choose 1, 3, 5 or 7")));
  });
}
