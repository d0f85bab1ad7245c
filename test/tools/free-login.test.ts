import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { textOf } from "../../components/machine/program-text";

/** A getent made here says who is on the machine. */
const directory = mkdtempSync(join(tmpdir(), "kjerne-free-login-"));
after(() => rmSync(directory, { recursive: true, force: true }));

function look(entry: string) {
  const answer = entry === "" ? "exit 2" : `echo '${entry}'`;
  writeFileSync(join(directory, "getent"), `#!/bin/bash\n${answer}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${directory}:${process.env.PATH}` };
  return spawnSync("bash", ["-c", textOf("machine/free-login.sh")], { env, encoding: "utf8" });
}

test("a machine without the verification's login, or with the one that kjerne made, is taken", () => {
  for (const entry of ["", "kjerne-look:x:997:997:Verification of the cluster:/var/lib/kjerne-look:/bin/sh"]) {
    const { status, stderr } = look(entry);
    assert.equal(status, 0, stderr);
  }
});

test("a machine on which somebody else has that name is refused, with the way out", () => {
  const { status, stderr } = look("kjerne-look:x:1000:1000::/home/kjerne-look:/bin/bash");
  assert.equal(status, 1);
  assert.match(
    stderr,
    /a user kjerne-look that kjerne did not make \(home \/home\/kjerne-look\).*Rename or remove that user/,
  );
});
