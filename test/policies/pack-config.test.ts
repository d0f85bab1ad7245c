import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { packParameters } from "../../policies/pack";
import { readPackConfig } from "../../policies/pack-config";

const schema = packParameters.extend({ profile: z.enum(["norway", "eea"]).default("norway") });
const nowhere = "/nowhere/exceptions.yaml";

test("parameters that can't be read are reported, and the strict defaults hold instead", () => {
  assert.deepEqual(readPackConfig(schema, { profile: "eea", exceptionsFile: nowhere }), {
    parameters: { profile: "eea", exceptionsFile: nowhere },
    exceptions: [],
    problems: [],
  });
  const { parameters, problems } = readPackConfig(schema, { profile: "europe", exceptionsFile: nowhere });
  assert.equal(parameters.profile, "norway");
  assert.match(problems.join(), /^Parameter pack\.profile: Invalid option.*\.$/);
});

test("exceptions come from the file exceptionsFile; if it can't be read, there are none and one line says why", async () => {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-pack-config-"));
  const exceptionsFile = join(directory, "exceptions.yaml");
  try {
    await writeFile(exceptionsFile, "exceptions: []\n");
    assert.deepEqual(readPackConfig(schema, { exceptionsFile }).problems, []);
    await writeFile(exceptionsFile, "exceptions: [\n\n  a: b\n");
    const { exceptions, problems } = readPackConfig(schema, { exceptionsFile });
    assert.deepEqual([exceptions, problems.length], [[], 1]);
    const both = readPackConfig(schema.extend({ exceptionsFile: z.string().default(exceptionsFile) }), {
      profile: "x",
    });
    assert.equal(both.problems.length, 2);
    assert.match(problems[0] ?? "", /^\/.*exceptions\.yaml: [^\n]+$/);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
