import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { playedStack } from "../states/stack";

const repository = join(__dirname, "../..");
const states = join(__dirname, "../states");
/** A release, as `test/states/record.ts` kept it, and its version. */
const release = "fb3d140";
const version = "0.1.0";

/** What each placeholder of CHANGELOG.md stands for in these stacks. */
const placeholders = {
  node: "(?:cp|worker)\\d",
  hypervisor: "hv\\d",
  cluster: "(?:lab|oslo)",
  namespace: "production",
};
/**
 * What an `up` of this version is meant to do to resources of a cluster of that release: the rows of CHANGELOG.md that are
 * above its version, by step and name. Nothing is ever replaced, and what is deleted runs nothing on a machine.
 */
const changelog = readFileSync(join(repository, "CHANGELOG.md"), "utf8");
const since = changelog.slice(0, changelog.indexOf(`\n## ${version} `));
const meant = [...since.matchAll(/^\| (create|update|delete) \| (.+?) \|/gm)].flatMap(([, step, names = ""]) =>
  [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => `${step} ${name}`),
);
const matches = (one: string, step: string) =>
  new RegExp(
    `^${one.replaceAll(".", "\\.").replace(/<(\w+)>/g, (_, of) => placeholders[of as keyof typeof placeholders])}$`,
  ).test(step);
/** What the previews below showed. */
const shown: string[] = [];

interface Preview {
  readonly steps: readonly {
    readonly op: string;
    readonly urn: string;
    readonly oldState?: { readonly inputs?: { readonly delete?: string } };
  }[];
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

    test("a preview with the same settings replaces nothing, and does nothing but what is meant", async () => {
      const pulumi = await playedStack(name, repository, directory);
      const state = join(directory, "state.json");
      await writeFile(state, gunzipSync(await readFile(join(states, release, `${name}.json.gz`))));
      await pulumi("stack", "import", "--file", state);
      const { steps, changeSummary } = JSON.parse(await pulumi("preview", "--json")) as Preview;
      const named = ({ op, urn }: Preview["steps"][number]) => `${op} ${urn.split("::").at(-1)}`;
      const changed = steps.filter(({ op }) => op !== "same").map(named);
      shown.push(...changed);
      assert.deepEqual(
        changed.filter((step) => !meant.some((one) => matches(one, step))),
        [],
        "an up would do this on a running cluster, and CHANGELOG.md does not say so",
      );
      const undone = steps.filter(({ op, oldState }) => op === "delete" && oldState?.inputs?.delete);
      assert.deepEqual(undone.map(named), [], "these undo something on a machine of a running cluster");
      const seen = Object.values(changeSummary).reduce((sum, count) => sum + count, 0);
      assert.ok(seen > 90, `${seen} resources`);
    });
  });
}

test("each resource that CHANGELOG.md names is one that a preview shows", () => {
  assert.deepEqual(
    meant.filter((one) => !shown.some((step) => matches(one, step))),
    [],
  );
});

test("every release that was recorded is previewed", async () => {
  const folders = (await readdir(states, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  assert.deepEqual(folders.map(({ name }) => name).sort(), [release, "settings", "without-network"]);
});
