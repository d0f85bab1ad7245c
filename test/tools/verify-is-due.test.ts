import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { verifierFiles } from "../../node-config/verification";

/** kjerne-verify-is-due of a control plane, with directories and a kubectl made here. */
const directory = mkdtempSync(join(tmpdir(), "kjerne-verify-is-due-"));
const at = (name: string) => join(directory, name);
after(() => rmSync(directory, { recursive: true, force: true }));

const nodes = ["cp1", "cp2", "cp3", "worker1"].map((name) => ({ name }));
beforeEach(() => {
  rmSync(directory, { recursive: true });
  for (const name of ["", "bin", "facts", "run"]) mkdirSync(at(name));
});

/** Whether `self` has to verify, where these control planes are Ready; null: the API server does not answer. */
function isDue(self: string, ready: readonly string[] | null): boolean {
  const files = verifierFiles({
    ...{ self, nodes: [], wanted: { nodes }, everyMinutes: 15, stack: "oslo", program: "", privateKey: "" },
  });
  const settings = JSON.parse(files["/etc/kjerne/verification/settings.json"]?.content ?? "");
  writeFileSync(at("facts/settings.json"), JSON.stringify({ ...settings, metrics: at("metrics") }));
  const text = (files["/usr/local/sbin/kjerne-verify-is-due"]?.content ?? "")
    .replace("/etc/kjerne/verification/", at("facts/"))
    .replace("/run/kjerne-verify/", at("run/"));
  const items = nodes.map(({ name }) => ({
    metadata: { name },
    status: { conditions: [{ type: "Ready", status: ready?.includes(name) ? "True" : "Unknown" }] },
  }));
  const answer = ready === null ? "echo refused >&2; exit 1" : `echo '${JSON.stringify({ items })}'`;
  writeFileSync(at("bin/kubectl"), `#!/bin/bash\n${answer}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${at("bin")}:${process.env.PATH}` };
  const { status, stderr } = spawnSync("bash", ["-c", text], { env, encoding: "utf8" });
  assert.ok(status === 0 || status === 1, stderr);
  return status === 0;
}

test("the first control plane that is Ready verifies, and no other", () => {
  assert.deepEqual(
    ["cp1", "cp2", "cp3"].map((name) => isDue(name, ["cp1", "cp2", "cp3"])),
    [true, false, false],
  );
});

test("when the first is down the next one verifies, and what it saw goes when the first is back", () => {
  assert.ok(isDue("cp2", ["cp2", "cp3"]));
  writeFileSync(at("metrics"), "kjerne_verification_passed 1\n");
  assert.ok(!isDue("cp2", ["cp1", "cp2", "cp3"]));
  assert.ok(!existsSync(at("metrics")), "another one's metrics are new, these are old");
});

test("each verifies where nobody can tell who is Ready", () => {
  assert.ok(isDue("cp3", null));
});

test("a control plane verifies again when the time is over, and not before", () => {
  assert.ok(isDue("cp1", ["cp1"]));
  assert.ok(!isDue("cp1", ["cp1"]));
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
  utimesSync(at("run/began"), minutesAgo(14), minutesAgo(14));
  assert.ok(!isDue("cp1", ["cp1"]));
  utimesSync(at("run/began"), minutesAgo(15), minutesAgo(15));
  assert.ok(isDue("cp1", ["cp1"]), "the timer asks every five minutes, and may be late");
});

test("a run by a clock that was ahead, and was put right since, keeps no other from beginning", () => {
  const ahead = new Date(Date.now() + 3600_000);
  writeFileSync(at("run/began"), "");
  utimesSync(at("run/began"), ahead, ahead);
  assert.ok(isDue("cp1", ["cp1"]));
});
