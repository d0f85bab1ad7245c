import assert from "node:assert/strict";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { make } from "../make";
import { makeRepository, type Repository } from "./repository";

let repository: Repository;
let home: string;
before(async () => {
  repository = await makeRepository();
  home = await mkdtemp(join(tmpdir(), "kjerne-mistakes-"));
});
after(async () => {
  await repository?.remove();
  await rm(home, { recursive: true, force: true });
});

/** Commands with a mistake that a new user makes → the answer. Nobody is logged in. */
const mistakes: readonly (readonly [command: string, answer: RegExp])[] = [
  ["review", /^name what the change starts from: make review BASE=/m],
  ["review BASE=nope", /^BASE=nope is no commit of this repository; name the branch, .*git fetch$/m],
  ["review BASE=--help", /^Option '--base' argument is ambiguous/m],
  ["review BASE=main STACK=nope", /^STACK=nope: there is no stacks\/Pulumi\.nope\.yaml, .*choose one of lab, oslo/m],
  ["evidence", /^no stack is named; choose one of lab, oslo, as in make evidence STACK=oslo$/m],
  [
    "evidence STACK=nope",
    /^stack nope has no settings: stacks\/Pulumi\.nope\.yaml does not exist\. Choose one of lab, oslo/m,
  ],
  ["evidence STACK=oslo", /^Log in where stacks\/Pulumi\.oslo\.yaml says .*pulumi login '?s3:/m],
  ["verify", /^no stack is named; choose one of lab, oslo, as in make verify STACK=oslo$/m],
  ["verify STACK=oslo EVERY=often", /^EVERY=often is no number of minutes, such as 15$/m],
  ["report STACK=nope", /^stack nope has no settings: /m],
  ["evidence STACK=oslo VANTAGE=Oslo", /^vantage point Oslo is not ADDRESS:PORT=PLACE, such as /m],
];

for (const [command, answer] of mistakes) {
  test(`make ${command} fails and says what to do`, async () => {
    const loggedOut = { PULUMI_HOME: home, PULUMI_BACKEND_URL: undefined, PULUMI_ACCESS_TOKEN: undefined };
    const { code, printed } = await make(repository.directory, command.split(" "), loggedOut);
    assert.match(printed, answer);
    assert.doesNotMatch(printed, /^ +at /m, "a stack trace");
    assert.notEqual(code, 0);
  });
}

test("make evidence of a stack that the state does not have says how to make it", async () => {
  const env = { PULUMI_HOME: home, PULUMI_BACKEND_URL: `file://${home}`, PULUMI_CONFIG_PASSPHRASE: "" };
  const { code, printed } = await make(repository.directory, ["evidence", "STACK=oslo"], env);
  assert.match(printed, /^the backend has no stack oslo yet; create it: .*pulumi stack init oslo$/m);
  assert.notEqual(code, 0);
});

test("make catalogue names the files that it wrote", async () => {
  const { code, printed } = await make(repository.directory, ["catalogue"]);
  const admission = (await readdir(join(repository.directory, "node-config/admission"))).map(
    (name) => `node-config/admission/${name}`,
  );
  const written = ["docs/rules.md", ...admission, "docs/evidence.schema.json", "docs/report.schema.json"];
  assert.deepEqual(printed.trim().split("\n").sort(), written.sort());
  assert.equal(code, 0);
});
