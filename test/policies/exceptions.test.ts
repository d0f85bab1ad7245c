import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { stringify } from "yaml";
import type { Exception } from "../../policies/exceptions";
import { makePackUnderTest, type PackUnderTest } from "./packs";
import { changed, inDays, inOslo } from "./residency-programs";

let pack: PackUnderTest;
let directory: string;

before(async () => {
  [pack, directory] = await Promise.all([
    makePackUnderTest("residency"),
    mkdtemp(join(tmpdir(), "kjerne-exceptions-")),
  ]);
});

after(async () => {
  await pack?.remove();
  await rm(directory, { recursive: true, force: true });
});

const exception: Exception = {
  rule: "RES-12",
  stack: "dev",
  resource: "Backup etcd",
  field: "country",
  owner: "Head of storage",
  justification: "The store in Oslo is being moved; this copy is deleted when it is back.",
  until: inDays(30),
};

const inFrankfurt = changed(inOslo, "Backup", "etcd", "country", "DE");

/** Previews a program with these exceptions, by default one whose backup lies in Frankfurt. */
async function preview(exceptions: unknown, program = inFrankfurt) {
  const exceptionsFile = join(directory, "exceptions.yaml");
  await writeFile(exceptionsFile, typeof exceptions === "string" ? exceptions : stringify({ exceptions }));
  return pack.preview(program, { pack: { exceptionsFile } });
}

test("a valid exception lets one violation pass, and the message names its owner and last day", async () => {
  const { code, said, output } = await preview([exception]);
  assert.equal(code, 0, output);
  assert.deepEqual(
    said.map(({ policy, level }) => [policy, level]),
    [["backup-location", "advisory"]],
  );
  assert.match(said[0]?.message ?? "", /^Excepted until 20\d\d-.* by Head of storage: The store in Oslo.*\nRES-12 /);
});

test("an exception for another stack, rule, resource or field covers nothing", async () => {
  const others = [
    { ...exception, stack: "prod" },
    { ...exception, rule: "RES-13" },
    { ...exception, resource: "Backup volumes" },
    { ...exception, field: "operator.country" },
  ];
  const { violations } = await preview(others);
  const policies = violations.map(({ policy }) => policy);
  assert.equal(policies.filter((policy) => policy === "backup-location").length, 1);
  assert.equal(policies.filter((policy) => policy === "exceptions").length, 3, "unused ones of this stack");
});

test("an ended or unused exception is a violation itself", async () => {
  const ended = await preview([{ ...exception, until: inDays(-1) }]);
  assert.match(messages(ended), /RES-12.*Backup etcd, country: is DE/s);
  assert.match(
    messages(ended),
    /POL-01 The exception from RES-12 for Backup etcd, country, \(owner: Head of storage\) ended on/,
  );

  const unused = await preview([exception], [...inOslo]);
  assert.notEqual(unused.code, 0);
  assert.match(messages(unused), /is not used any more\. Delete it\./);
});

test("an exception does not cover its resource under a new name", async () => {
  const renamed = inFrankfurt.map((one) => (one.name === "etcd" ? { ...one, name: "etcd2" } : one));
  const { violations } = await preview([exception], renamed);
  assert.deepEqual(violations.map(({ policy }) => policy).sort(), ["backup-location", "exceptions"]);
});

test("a file of exceptions that can't be read covers nothing, and POL-01 says why", async () => {
  const { violations } = await preview("exceptions: [{ rule: RES-12 }]");
  assert.match(messages({ violations }), /Backup etcd, country: is DE/);
  assert.match(messages({ violations }), /POL-01 .*exceptions\.yaml: exceptions\.0\.stack: Invalid input/);
});

const messages = ({ violations }: { violations: readonly { message: string }[] }) =>
  violations.map(({ message }) => message).join("\n\n");
