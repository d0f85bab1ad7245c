import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf } from "../test/unit/whole-cluster";
import { delays } from "./orchestration/delays";

test("the benchmark of the orchestration knows how long each script of a cluster on hypervisors takes", async () => {
  const parts = await partsOf((config) => {
    delete config.backup;
    config.nodes = config.nodes.filter(({ hypervisor }: { hypervisor?: string }) => hypervisor);
    for (const node of config.nodes) delete node.volumes;
  });
  const scripts = [...parts.values()].flatMap(({ inputs }) => {
    const { script, before } = JSON.parse(inputs);
    return [script, before?.script].filter((one) => typeof one === "string");
  });
  assert.ok(scripts.length > 20, `${scripts.length} scripts`);
  assert.deepEqual(new Set(scripts.filter((script) => !(script in delays))), new Set());
});
