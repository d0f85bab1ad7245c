import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { parse } from "yaml";

interface Job {
  readonly if?: string;
  readonly steps: readonly {
    readonly if?: string;
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Record<string, unknown>;
  }[];
}

/** Jobs of the policy review; what holds of every workflow is tested in test/unit/workflows.test.ts. */
let jobs: Readonly<Record<string, Job>>;
before(async () => {
  jobs = parse(await readFile(join(__dirname, "../../.github/workflows/policy-review.yml"), "utf8")).jobs;
});

test("what may write runs nothing of the pull request's, and not for forks", () => {
  const { publish } = jobs;
  assert.match(publish?.if ?? "", /head\.repo\.full_name == github\.repository/);
  assert.ok(
    publish?.steps.every(({ uses, run }) => !uses?.startsWith("actions/checkout") && !/make|npm|node /.test(run ?? "")),
  );
});

test("the evidence of the preview is attached to the pull request's run, blocked or not", () => {
  const step = jobs.review?.steps.find(({ with: given }) => given?.name === "policy-evidence");
  assert.equal(step?.with?.path, "dist/review/evidence/");
  assert.match(step?.if ?? "", /!cancelled\(\)/);
});
