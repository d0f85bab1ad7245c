import assert from "node:assert/strict";
import { test } from "node:test";
import type { Input } from "./programs/former-trial";
import { makeWorkspace } from "./workspace";

test("a program that a local.Command ran goes on as an update, once, and is gone at the end", async () => {
  const workspace = await makeWorkspace("former-trial.ts");
  try {
    await workspace.setInput({ former: true } satisfies Input);
    assert.equal((await workspace.up()).code, 0);
    await workspace.setInput({ former: false } satisfies Input);
    const up = await workspace.up();
    assert.equal(up.code, 0, up.output);
    assert.deepEqual(up.steps, ["update trial", "update trial"], "the component has inputs now");
    assert.match(await workspace.state(), /"stdout": ?"0 directions between 0 machines"/);
    assert.doesNotMatch(await workspace.state(), /command:local:Command/);
    const again = await workspace.up();
    assert.deepEqual(again.steps, [], again.output);
    assert.equal((await workspace.destroy()).code, 0);
  } finally {
    await workspace.remove();
  }
});
