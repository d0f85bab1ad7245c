import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { run } from "../../tools/run";

const writer = readFileSync(join(__dirname, "../../node-config/write-files.py"), "utf8");
const root = mkdtempSync(join(tmpdir(), "kjerne-power-cut-"));
const at = (path: string) => join(root, path);
after(() => rmSync(root, { recursive: true, force: true }));

/** Kills Python before the CUT_AT-th time that it writes, renames, removes or makes a file, or starts a program. */
const cut = `import os, sys
steps = 0
def audit(event, args):
    global steps
    changes = event in ("os.rename", "os.remove", "os.mkdir") or event == "open" and args[1] != "rb"
    if event == "subprocess.Popen" or changes and str(args[0]).startswith("${root}"):
        steps += 1
        if steps == int(os.environ["CUT_AT"]): os.kill(0, 9)
sys.addaudithook(audit)
`;

/** Runs write-files.py on files below `root`, killed before that step if one is given. */
async function write(files: Record<string, string>, action: string, step = 0): Promise<void> {
  const script = writer.replace('"/var/lib/kjerne/files"', JSON.stringify(at("memory")));
  const entries = Object.entries(files).map(([path, content]) => [at(path), { mode: "0644", lines: [content] }]);
  const onChange = [{ paths: [at("etc/")], command: `grep -r . ${at("etc/")} | sort >${at("used")}` }];
  const input = JSON.stringify({ set: "base", owner: "oslo", files: Object.fromEntries(entries), onChange });
  const python = ["python3", "-I", "-c", cut + script, action];
  await run("setsid", ["--wait", "env", "PATH=/usr/bin:/bin", `CUT_AT=${step}`, ...python], { input });
}

/** Every file but one that is half written, with its mode and content. */
const seen = () =>
  readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => !statSync(at(path)).isDirectory())
    .sort()
    .map((path) => `${path} ${statSync(at(path)).mode.toString(8)} ${readFileSync(at(path), "utf8")}`);

/** Kills a run before each of its steps, runs it again, and compares with what a whole run leaves. */
async function cutEverywhere(before: () => Promise<void>, files: Record<string, string>, action: string) {
  const fresh = async () => {
    rmSync(root, { recursive: true, force: true });
    mkdirSync(root);
    writeFileSync(at("theirs"), "stays");
    await before();
  };
  await fresh();
  await write(files, action);
  const whole = seen();
  for (let step = 1; ; step++) {
    await fresh();
    const ended = await write(files, action, step).then(
      () => true,
      () => false,
    );
    if (ended) return step - 1;
    await write(files, action);
    assert.deepEqual(seen(), whole, `cut before step ${step}`);
  }
}

const earlier = { "etc/a": "1", "etc/b": "1" };
const wanted = { "etc/a": "2", "etc/new/c": "2" };

test("write-files.py that is killed at any step writes the same files when it runs again, and has them used", async () => {
  assert.ok((await cutEverywhere(async () => {}, wanted, "create")) > 10);
  assert.ok((await cutEverywhere(() => write(earlier, "create"), wanted, "update")) > 10);
});

test("write-files.py that is killed at any step of a removal leaves nothing of its own when it runs again", async () => {
  assert.ok((await cutEverywhere(() => write(earlier, "create"), {}, "delete")) > 3);
});
