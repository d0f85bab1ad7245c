import assert from "node:assert/strict";
import { test } from "node:test";
import { observedNode } from "../../components/verify/observed-node";
import { restartWarnings } from "../../components/verify/warnings";

/** What is said of a machine to which the settings give 2 CPUs and 3000 MiB, and which has this; a block has 128 MiB. */
function warningsOf({ cpus, blocks }: { readonly cpus: number; readonly blocks: number }) {
  const printed: Readonly<Record<string, string>> = { cpus: `${cpus}\n`, memoryBlocks: `8000000\n${blocks}\n` };
  const machine = { cpus: 2, memoryMiB: 3000 };
  const observed = observedNode((name) => ({ status: 0, stdout: printed[name] ?? "", stderr: "" }));
  return restartWarnings({ name: "worker1", role: "worker", address: "10.77.0.21", machine }, observed);
}

test("a machine that was given processors and memory since it started is a warning", () => {
  const [warning, ...others] = warningsOf({ cpus: 1, blocks: 16 });
  assert.deepEqual([warning?.id, warning?.node, others], ["restart-due", "worker1", []]);
  assert.equal(warning?.found, "cpus: 2, has 1; memoryMiB: 3000, has 2048");
});

test("nothing is said of a machine whose memory is no whole number of blocks", () =>
  assert.deepEqual(warningsOf({ cpus: 2, blocks: 24 }), []));
