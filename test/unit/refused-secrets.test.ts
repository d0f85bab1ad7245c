import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { loadSettings } from "../../stacks/settings";
import { type Config, config, problems } from "./environments";

for (const [what, password] of [
  ["of 81 characters", "x".repeat(81)],
  ["with a double quote", 'hemme"lig'],
  ["with a line break", "hemmelig\n"],
  ["with a letter that is not ASCII", "hemmelig-ø"],
] as const) {
  test(`a router's password ${what} is refused without being repeated`, async () => {
    const [found = "", ...others] = await problems(() => {}, { tor1: password, tor2: "x".repeat(80) });
    assert.match(found, /^bgpPasswords\.tor1 has .*; set another one with `pulumi config set --secret/);
    assert.doesNotMatch(found, /hemme|xxx/);
    assert.deepEqual(others, []);
  });
}

test("a setting that is a secret of the stack is refused by its name alone", async (t) => {
  const set = (settings: Config) => {
    const all = Object.entries(settings).map(([key, value]) => [
      `kjerne:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    pulumi.runtime.setAllConfig({
      ...Object.fromEntries(all),
      "kjerne:bgpPasswords": '{ "tor1": "hunter2", "tor2": "hunter3" }',
    });
  };
  pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, "kjerne", "oslo");
  t.after(() => delete process.env.PULUMI_CONFIG_SECRET_KEYS);
  process.env.PULUMI_CONFIG_SECRET_KEYS = '["kjerne:supply", "kjerne:bgpPasswords"]';
  const settings = config("oslo");
  settings.supply.imageMirrors[0].mirror = "https://ola:hemmelig@mirror.eksempel.no";
  settings.supply.packages[0].suite = "hemmelig hemmelig";
  set(settings);
  await assert.rejects(loadSettings(), (error: Error) => {
    assert.match(
      error.message,
      /needs 1 change:\n {2}supply: is a secret in the stack's configuration, .*; write it without `--secret`/,
    );
    assert.doesNotMatch(error.message, /hemmelig|hunter/);
    return true;
  });
});
