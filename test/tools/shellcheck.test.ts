import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(__dirname, "../..");
const scripts = ["node-config", "tools/lab"]
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => /^#!.*\bbash/.test(readFileSync(path, "utf8").slice(0, 40)))
  .sort();

test("node-config and the lab have bash scripts for shellcheck to check", () =>
  assert.ok(scripts.length > 5, scripts.join("\n")));

for (const path of scripts) {
  test(`${path.slice(root.length + 1)} passes shellcheck, sets -euo pipefail and can be passed as one argument`, () => {
    const checked = spawnSync("shellcheck", ["--external-sources", "--source-path", join(root, "node-config"), path], {
      encoding: "utf8",
    });
    assert.equal(checked.status, 0, checked.error?.message ?? checked.stdout);
    const text = readFileSync(path, "utf8");
    assert.match(text, /^set -euo pipefail$/m);
    // Linux takes 128 KiB in one argument; NodeScript sends a script as one.
    assert.ok(text.length < 100_000);
  });
}
