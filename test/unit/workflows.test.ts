import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly "timeout-minutes"?: number;
  readonly "runs-on": string | readonly string[];
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly with?: Record<string, unknown> }[];
}
interface Workflow {
  readonly on: Readonly<Record<string, { readonly branches?: readonly string[] } | null>>;
  readonly permissions?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const root = join(__dirname, "../..");
const folder = join(root, ".github/workflows");
const workflows = readdirSync(folder).map((file) => {
  const text = readFileSync(join(folder, file), "utf8");
  return { file, text, workflow: parse(text) as Workflow };
});
const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ at: `${file}: ${name}`, ...job })),
);
const scripts = jobs.flatMap(({ at, steps }) => steps.flatMap(({ run }) => (run ? [{ at, run }] : [])));
const targets = new Set(readFileSync(join(root, "Makefile"), "utf8").match(/^[a-z][a-z0-9-]*(?=:)/gm));

test("each make target that a workflow or .ci/run calls is in the Makefile", () => {
  const all = [...scripts, { at: ".ci/run", run: readFileSync(join(root, ".ci/run"), "utf8") }];
  const called = all.flatMap(({ at, run }) =>
    [...run.matchAll(/\bmake ((?:[\w.-]+(?: |$))+)/gm)].flatMap(([, names = ""]) =>
      names
        .trim()
        .split(" ")
        .map((target) => ({ at, target })),
    ),
  );
  const names = called.map(({ target }) => target);
  for (const needed of ["check", "unit", "review", "test"])
    assert.ok(names.includes(needed), `nothing calls ${needed}`);
  assert.deepEqual(
    called.filter(({ target }) => !targets.has(target)),
    [],
  );
});

test("a pull request's code runs without secrets and on no machine of ours", () => {
  const onPullRequests = workflows.filter(({ workflow }) => "pull_request" in workflow.on);
  assert.deepEqual(onPullRequests.map(({ file }) => file).sort(), ["check.yml", "policy-review.yml"]);
  for (const { file, text, workflow } of onPullRequests) {
    assert.deepEqual(Object.keys(workflow.on), ["pull_request"], `${file}: another event could hand out secrets`);
    assert.doesNotMatch(text, /secrets\./, file);
    for (const job of Object.values(workflow.jobs)) assert.equal(job["runs-on"], "ubuntu-24.04", file);
  }
});

test("every test runs on main and on nothing that is not merged", () => {
  const whole = workflows.filter(({ workflow }) =>
    Object.values(workflow.jobs).some(({ steps }) => steps.some(({ run }) => run?.trim() === "make test")),
  );
  assert.deepEqual(
    whole.map(({ workflow }) => workflow.on),
    [{ push: { branches: ["main"] } }],
  );
});

for (const { file, workflow } of workflows) {
  test(`${file} starts without permissions, and each job has a time limit and says what it may do`, () => {
    assert.deepEqual(workflow.permissions, {});
    for (const [name, job] of Object.entries(workflow.jobs)) {
      assert.ok(job["timeout-minutes"], `${name} has no timeout-minutes`);
      assert.ok(job.permissions, `${name} has no permissions`);
    }
  });
}

test("a job that runs the repository's code can only read, and leaves no token behind for it", () => {
  for (const { at, permissions, steps } of jobs) {
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    if (checkouts.length === 0) continue;
    assert.deepEqual(permissions, { contents: "read" }, at);
    for (const { with: given } of checkouts) assert.equal(given?.["persist-credentials"], false, at);
  }
});

test("actions are named by the digest of their commit", () => {
  const used = jobs.flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
  assert.ok(used.length > 0);
  for (const one of used) assert.match(one, /@[0-9a-f]{40}$/);
});

test("no script contains text that somebody else chose, such as the title of a pull request", () => {
  for (const { at, run } of scripts) assert.doesNotMatch(run, /\$\{\{/, at);
});
