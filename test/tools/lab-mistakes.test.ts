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

for (const command of ["lab", "lab-status", "lab-node", "lab-down", "env"]) {
  test(`make ${command} refuses the name of a lab that could not be one, and says what a name is`, async () => {
    for (const name of ["Bad_Name", "two words"]) {
      const { code, printed } = await making(command, `LAB=${name}`);
      assert.match(printed, new RegExp(`^lab name "${name}": a name starts with .* such as "lab" or "test-2"$`, "m"));
      assert.notEqual(code, 0);
    }
  });
}

for (const command of ["lab-status", "lab-node", "lab-down", "env"]) {
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

test("make lab refuses machines that there are not, all mistakes at once, and makes nothing", async () => {
  const { code, printed } = await making("lab", `LAB=${lab}`, "MACHINES=metal", "CONTROL_PLANES=2");
  assert.match(printed, /MACHINES=metal: choose one of native, virtual; CONTROL_PLANES=2: choose one of 1, 3\./);
  assert.notEqual(code, 0);
  assert.ok(!existsSync(join(states, "kjerne", lab)));
});

test("make lab-node without a native node or an action names those that there are", async () => {
  await mkdir(join(states, "kjerne/blue/nodes/cp1"), { recursive: true });
  const { code, printed } = await making("lab-node", "LAB=blue", "NODE=cp2", "DO=explode");
  assert.match(printed, /^NODE=cp2: the native nodes of lab blue are cp1$/m);
  assert.match(printed, /^DO=explode: there is no such action$/m);
  assert.match(printed, /^ {2}DO=cut-power +\S/m);
  assert.notEqual(code, 0);
});
