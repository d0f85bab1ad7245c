import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Input } from "./programs/random";
import { makeWorkspace, type Workspace } from "./workspace";

let workspace: Workspace;

before(async () => {
  workspace = await makeWorkspace("random.ts");
});

after(() => workspace?.remove());

const want = (password: Input["password"]) => workspace.setInput({ password } satisfies Input);

async function outputs() {
  const { output } = await workspace.pulumi("stack", "output", "--json", "--show-secrets");
  return JSON.parse(output);
}

test("values have the shape that was asked for, and stay as they are", async () => {
  await want({ length: 24, minSpecial: 3, overrideSpecial: "_-" });
  const up = await workspace.up();
  assert.equal(up.code, 0, up.output);
  const first = await outputs();
  assert.match(first.password, /^[A-Za-z0-9_-]{24}$/);
  assert.ok(first.password.replace(/[^_-]/g, "").length >= 3);
  assert.match(first.text, /^[a-z0-9]{30}$/);
  assert.ok(first.text.replace(/\D/g, "").length >= 10);
  assert.match(first.id.hex, /^k-[0-9a-f]{12}$/);
  assert.equal(first.id.dec, `k-${BigInt(`0x${first.id.hex.slice(2)}`)}`);
  assert.equal(Buffer.from(first.id.b64Url.slice(2), "base64url").toString("hex"), first.id.hex.slice(2));
  assert.ok([7, 8, 9].includes(first.integer));
  assert.match(first.pet, /^lab-[a-z]+-[a-z]+-[a-z]+$/);
  assert.deepEqual(first.shuffled.slice(0, 3).sort(), ["a", "b", "c"]);
  assert.equal(first.shuffled.length, 7);
  const uuid = (version: number) =>
    new RegExp(`^[0-9a-f]{8}-[0-9a-f]{4}-${version}[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`);
  for (const [index, version] of [4, 4, 7].entries()) assert.match(first.uuids[index], uuid(version));
  assert.equal(Buffer.from(first.bytes, "base64").length, 32);

  // Saying what is the default anyway is no change.
  await want({ length: 24, minSpecial: 3, overrideSpecial: "_-", lower: true });
  assert.deepEqual((await workspace.up()).steps, []);
  assert.deepEqual(await outputs(), first);
});

test("passwords and bytes are secrets", async () => {
  const { password, bytes } = await outputs();
  const hex = Buffer.from(bytes, "base64").toString("hex");
  const state = await workspace.state();
  for (const secret of [password, bytes, hex]) assert.ok(!state.includes(secret));
});

test("a change of any input makes a new value", async () => {
  const { password, text } = await outputs();
  await want({ length: 24, keepers: { year: "2026" } });
  assert.ok((await workspace.up()).steps.includes("replace password"));
  const next = await outputs();
  assert.notEqual(next.password, password);
  assert.equal(next.text, text);
});

test("a password that cannot be is refused with the reason", async () => {
  await want({ length: 4, minUpper: 3, minLower: 3 });
  const { code, output } = await workspace.up();
  assert.notEqual(code, 0);
  assert.match(output, /length.*must be at least the sum of the minimums, 6, is 4/s);
});
