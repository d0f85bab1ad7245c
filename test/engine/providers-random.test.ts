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

test("a password has the length and the characters that the program asks for, and does not change by itself", async () => {
  await want({ length: 24, minSpecial: 3, overrideSpecial: "_-" });
  const up = await workspace.up();
  assert.equal(up.code, 0, up.output);
  const first = await outputs();
  assert.match(first.password, /^[A-Za-z0-9_-]{24}$/);
  assert.ok(first.password.replace(/[^_-]/g, "").length >= 3);
  assert.match(first.word, /^[a-z0-9]{30}$/);
  assert.ok(first.word.replace(/\D/g, "").length >= 10);

  // Setting an input to its default is no change.
  await want({ length: 24, minSpecial: 3, overrideSpecial: "_-", lower: true });
  assert.deepEqual((await workspace.up()).steps, []);
  assert.deepEqual(await outputs(), first);
});

test("a password is encrypted in the state", async () => {
  const { password } = await outputs();
  assert.ok(!(await workspace.state()).includes(password));
});

test("a change of any input replaces the password, and no other", async () => {
  const { password, word } = await outputs();
  await want({ length: 24, keepers: { year: "2026" } });
  assert.ok((await workspace.up()).steps.includes("replace password"));
  const next = await outputs();
  assert.notEqual(next.password, password);
  assert.equal(next.word, word);
});

test("a password shorter than the sum of its minimums is refused by name", async () => {
  await want({ length: 4, minUpper: 3, minLower: 3 });
  const { code, output } = await workspace.up();
  assert.notEqual(code, 0);
  assert.match(output, /length.*must be at least/s);
});

test("a type that the stand-in does not serve is refused by name, with the way out", async (t) => {
  if (workspace.skipIfOfficial(t, "random provider", "serves it")) return;
  await workspace.setInput({ password: { length: 8 }, pet: {} } satisfies Input);
  const { code, output } = await workspace.pulumi("preview");
  assert.notEqual(code, 0);
  assert.match(output, /random:index\/randomPet:RandomPet is not served by kjerne's stand-in.*install Pulumi/s);
});
