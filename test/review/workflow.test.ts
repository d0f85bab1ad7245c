import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { parse } from "yaml";

interface Job {
  readonly permissions: Readonly<Record<string, string>>;
  readonly if?: string;
  readonly steps: readonly {
    readonly if?: string;
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Record<string, unknown>;
  }[];
}

let text: string;
let workflow: { readonly on: object; readonly permissions: object; readonly jobs: Readonly<Record<string, Job>> };
before(async () => {
  text = await readFile(join(__dirname, "../../.github/workflows/policy-review.yml"), "utf8");
  workflow = parse(text);
});

test("a stranger's pull request runs without credentials", () => {
  assert.deepEqual(Object.keys(workflow.on), ["pull_request"], "pull_request_target would hand out secrets");
  assert.doesNotMatch(text, /secrets\./);
  assert.deepEqual(workflow.permissions, {});
  const { review } = workflow.jobs;
  assert.deepEqual(review?.permissions, { contents: "read" });
  const checkout = review?.steps.find(({ uses }) => uses?.startsWith("actions/checkout"));
  assert.equal(checkout?.with?.["persist-credentials"], false);
});

test("what may write runs nothing of the pull request's, and not for forks", () => {
  const { publish } = workflow.jobs;
  assert.match(publish?.if ?? "", /head\.repo\.full_name == github\.repository/);
  assert.ok(
    publish?.steps.every(({ uses, run }) => !uses?.startsWith("actions/checkout") && !/make|npm|node /.test(run ?? "")),
  );
});

test("the evidence of the preview is attached to the pull request's run, blocked or not", () => {
  const step = workflow.jobs.review?.steps.find(({ with: given }) => given?.name === "policy-evidence");
  assert.equal(step?.with?.path, "dist/review/evidence/");
  assert.match(step?.if ?? "", /!cancelled\(\)/);
});

test("actions are named by the digest of their commit", () => {
  const used = Object.values(workflow.jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
  assert.ok(used.length > 0);
  for (const one of used) assert.match(one, /@[0-9a-f]{40}$/);
});

test("nothing that a stranger can choose is pasted into a script", () => {
  for (const { run } of Object.values(workflow.jobs).flatMap(({ steps }) => steps))
    assert.doesNotMatch(run ?? "", /\$\{\{/);
});
