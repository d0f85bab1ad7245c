import assert from "node:assert/strict";
import { test } from "node:test";
import { kvmBootsGuests } from "../../tools/lab/kvm";

test("where there is no KVM no guest boots, and none is tried", async () => {
  assert.equal(await kvmBootsGuests({ directory: "/nowhere" } as never, "/no/such/device"), false);
});
