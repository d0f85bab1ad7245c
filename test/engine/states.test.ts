import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { playedStack } from "../states/stack";

const repository = join(__dirname, "../..");
const states = join(__dirname, "../states");
/** A release, as `test/states/record.ts` kept it. */
const release = "fb3d140";

/**
 * Names of the resources that an `up` of this version changes in place on a cluster of that release, because what they
 * write or run is meant to differ, such as /^(cp|worker)\d-sysctl-files$/. Nothing is ever created, deleted or replaced.
 */
const changedInPlace: readonly RegExp[] = [];

interface Preview {
  readonly steps: readonly { readonly op: string; readonly urn: string }[];
  /** Number of resources by what happens to them. */
  readonly changeSummary: Readonly<Record<string, number>>;
}

for (const name of ["lab", "oslo"]) {
  describe(`stack ${name}, brought up by release ${release}`, () => {
    let directory: string;
    before(async () => {
      directory = await mkdtemp(join(tmpdir(), "kjerne-states-"));
    });
    after(() => rm(directory, { recursive: true, force: true }));

    test("a preview with the same settings changes nothing but what is meant to change in place", async () => {
      const pulumi = await playedStack(name, repository, directory);
      const state = join(directory, "state.json");
      await writeFile(state, gunzipSync(await readFile(join(states, release, `${name}.json.gz`))));
      await pulumi("stack", "import", "--file", state);
      const { steps, changeSummary } = JSON.parse(await pulumi("preview", "--json")) as Preview;
      const isMeant = ({ op, urn }: Preview["steps"][number]) =>
        op === "same" || (op === "update" && changedInPlace.some((name) => name.test(urn.split("::").at(-1) ?? "")));
      assert.deepEqual(
        steps.filter((step) => !isMeant(step)).map(({ op, urn }) => `${op} ${urn}`),
        [],
        "an up would change these on a running cluster; add to changedInPlace what is meant to change in place",
      );
      const seen = Object.values(changeSummary).reduce((sum, count) => sum + count, 0);
      assert.ok(seen > 90, `${seen} resources`);
    });
  });
}

test("every release that was recorded is previewed", async () => {
  const folders = (await readdir(states, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  assert.deepEqual(folders.map(({ name }) => name).sort(), [release, "settings"]);
});
