import assert from "node:assert/strict";
import { test } from "node:test";
import { rules } from "../../policies/hardening/rules";
import { careless, hardened, secrets } from "./hardening-programs";
import { testInEngine } from "./refusals-in-engine";

const run = testInEngine("hardening", { rules, right: hardened, wrongs: careless });

test("the engine's output holds no secret of the program", () => {
  for (const secret of secrets) {
    assert.ok(!run.refused.output.includes(secret), `${secret.slice(0, 4)}… is in the output`);
  }
});
