import assert from "node:assert/strict";
import { test } from "node:test";
import { rules } from "../../policies/network/rules";
import { misrouted, routed } from "./network-programs";
import { testInEngine } from "./refusals-in-engine";

const run = testInEngine("network", { rules, right: routed, wrongs: misrouted });

test("IPVS passes with a warning that a later Kubernetes release removes it", async () => {
  const { said } = await run.pack.preview(routed);
  const warnings = said.filter(({ policy }) => policy === "proxy-mode");
  assert.deepEqual(new Set(warnings.map(({ level }) => level)), new Set(["advisory"]));
  assert.match(warnings[0]?.message ?? "", /deprecated since Kubernetes 1\.35 and gone in 1\.43.*nftables/s);
});

test("after an update the state passes as the preview did", async () => {
  const { code, output } = await run.pack.up(routed);
  assert.equal(code, 0, output);
  const { violations, said } = await run.pack.analyze();
  assert.deepEqual(violations, []);
  assert.ok(
    said.some(({ policy }) => policy === "proxy-mode"),
    "the warning is there again",
  );
});
