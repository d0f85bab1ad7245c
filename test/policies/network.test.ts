import assert from "node:assert/strict";
import { test } from "node:test";
import { rules } from "../../policies/network/rules";
import { misrouted, routed } from "./network-programs";
import { testInEngine } from "./refusals";

const run = testInEngine("network", { rules, right: routed, wrongs: misrouted });

test("IPVS on a release that has it passes with a warning of its end", async () => {
  const { said } = await run.pack.preview(routed);
  const warnings = said.filter(({ policy }) => policy === "proxy-mode");
  assert.deepEqual(new Set(warnings.map(({ level }) => level)), new Set(["advisory"]));
  assert.match(warnings[0]?.message ?? "", /deprecated since Kubernetes 1\.35 and gone in 1\.43.*nftables/s);
});

test("after a change the state is judged alike", async () => {
  const { code, output } = await run.pack.up(routed);
  assert.equal(code, 0, output);
  const { violations, said } = await run.pack.analyze();
  assert.deepEqual(violations, []);
  assert.ok(
    said.some(({ policy }) => policy === "proxy-mode"),
    "the warning is told again",
  );
});
