import assert from "node:assert/strict";
import { test } from "node:test";
import { type Config, problems } from "./environments";
import { checksOf, edited, healthy, wanted } from "./verify/healthy";
import { type Part, partsOf } from "./whole-cluster";

function reflected({ network }: Config): void {
  network.calico.reflectors = ["cp1", "cp2"];
  network.operators = ["192.0.2.0/24"];
}

const partOf = (parts: ReadonlyMap<string, Part>, name: string) => {
  const [, part] = [...parts].find(([key]) => /^(command|kubernetes):/.test(key) && key.endsWith(` ${name}`)) ?? [];
  assert.ok(part, `${name} is not made`);
  return JSON.parse(part.inputs);
};

test("nodes have sessions with those that reflect, by the password of the mesh, and the mesh ends", async () => {
  const parts = await partsOf(reflected);
  const { spec } = partOf(parts, "oslo-calico-bgppeer-kjerne-route-reflectors");
  assert.deepEqual([spec.nodeSelector, spec.peerSelector], ["all()", "kjerne.io/route-reflector == 'true'"]);
  assert.equal(spec.password.secretKeyRef.name, "kjerne-bgp-node-mesh");
  const { spec: mesh } = partOf(parts, "oslo-calico-bgpconfiguration-default");
  assert.deepEqual([mesh.nodeToNodeMeshEnabled, mesh.nodeMeshPassword], [false, undefined]);
});

test("racks beside reflectors are refused, with why and what to leave out", async () => {
  const found = await problems((config) => {
    reflected(config);
    config.network.calico.racks = [{ name: "a", asNumber: 64601, nodes: ["worker1"] }];
  });
  assert.match(found.join("\n"), /between which nothing is reflected; leave one of the two out/);
});

test("the verification wants a reflector's sessions with all, and of others those with reflectors alone", () => {
  const lonely = edited("bird", /Established(?=\s+Neighbor address: 10\.77\.0\.21\s)/, "Connect");
  const sessions = (reflectors: readonly string[]) => {
    const third = { name: "worker2", role: "worker", address: "10.77.0.22" } as const;
    const nodes = [...wanted.nodes, third];
    const [check] = checksOf(lonely, { ...wanted, nodes, reflectors }).filter(
      ({ id, node }) => id === "bgp-sessions" && node === "cp1",
    );
    return check?.found;
  };
  assert.equal(sessions(["cp1"]), "10.77.0.21: Connect; 10.77.0.22: no session");
  assert.equal(sessions(["worker1"]), "10.77.0.21: Connect");
  assert.notEqual(healthy, lonely);
});
