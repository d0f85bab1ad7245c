import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { make } from "../make";

const repository = join(__dirname, "../..");
/** A lab that is not there. */
const lab = `none-${process.pid}`;
let states: string;

before(async () => {
  states = await mkdtemp(join(tmpdir(), "kjerne-mistakes-"));
  await mkdir(join(states, "kjerne/blue"), { recursive: true });
});
after(() => rm(states, { recursive: true, force: true }));

const making = (...args: string[]) => make(repository, args, { XDG_STATE_HOME: states });

for (const command of ["lab", "lab-status", "lab-down", "env"]) {
  test(`make ${command} refuses the name of a lab that could not be one, and says what a name is`, async () => {
    for (const name of ["Bad_Name", "two words"]) {
      const { code, printed } = await making(command, `LAB=${name}`);
      assert.match(printed, new RegExp(`^lab name "${name}": a name starts with .* such as "lab" or "test-2"$`, "m"));
      assert.notEqual(code, 0);
    }
  });
}

for (const command of ["lab-status", "lab-down", "env"]) {
  test(`make ${command} without its lab names the labs that there are, and makes nothing`, async () => {
    const { code, printed } = await making(command, `LAB=${lab}`);
    assert.match(
      printed,
      new RegExp(`^there is no lab "${lab}" on this machine; .*LAB=blue.* make lab LAB=${lab} `, "m"),
    );
    assert.doesNotMatch(printed, /^ +at /m, "a stack trace");
    assert.notEqual(code, 0);
    assert.ok(!existsSync(join(states, "kjerne", lab)));
  });
}
