import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { writeOnce } from "../../tools/new/write-once";

const directory = mkdtempSync(join(tmpdir(), "kjerne-new-file-"));
after(() => rmSync(directory, { recursive: true }));

test("a file that is there stays as it is, and nothing lies beside it", async () => {
  const path = join(directory, "once");
  await writeOnce(path, "first\n");
  await assert.rejects(writeOnce(path, "second\n"), { code: "EEXIST" });
  assert.equal(readFileSync(path, "utf8"), "first\n");
  assert.deepEqual(readdirSync(directory), ["once"]);
});

test("a run that is killed while it writes leaves no settings behind", async () => {
  const path = join(directory, "killed");
  const megabytes = 300;
  const module = join(__dirname, "../../tools/new/write-once.ts");
  const program = `require(${JSON.stringify(module)}).writeOnce(${JSON.stringify(path)}, "x".repeat(${megabytes << 20}))`;
  const writing = spawn(process.execPath, ["--import", "tsx", "--eval", program], { stdio: "ignore" });
  const begun = () =>
    readdirSync(directory).some((name) => name.includes("killed") && statSync(join(directory, name)).size > 0);
  while (!begun() && writing.exitCode === null) await pause(1);
  writing.kill("SIGKILL");
  if (writing.signalCode === null && writing.exitCode === null) await once(writing, "exit");
  // The kernel may be done before the signal comes: then the file is whole.
  assert.ok(!existsSync(path) || statSync(path).size === megabytes << 20);
});
