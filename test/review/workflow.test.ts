import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { parse } from "yaml";
import { judges } from "../../review/change/judge-changes";
import { run } from "../../tools/run";

const root = join(__dirname, "../..");

interface Job {
  readonly if?: string;
  readonly steps: readonly {
    readonly name?: string;
    readonly if?: string;
    readonly env?: Record<string, string>;
    readonly "working-directory"?: string;
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Record<string, unknown>;
  }[];
}

/** Jobs of the policy review; what holds of every workflow is tested in test/unit/workflows.test.ts. */
let jobs: Readonly<Record<string, Job>>;
before(async () => {
  jobs = parse(await readFile(join(root, ".github/workflows/policy-review.yml"), "utf8")).jobs;
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
  assert.equal(step?.with?.path, "base/dist/review/evidence/");
  assert.match(step?.if ?? "", /!cancelled\(\)/);
});

test("make runs in the base's checkout only, and judges the head itself", () => {
  const making = jobs.review?.steps.filter(({ run }) => /\b(make|npm|node)\b/.test(run ?? "")) ?? [];
  assert.deepEqual(
    making.map((step) => step["working-directory"]),
    ["base"],
  );
  assert.match(making[0]?.env?.HEAD ?? "", /pull_request\.head\.sha/);
  const checkout = jobs.review?.steps.find(({ run }) => run?.includes("worktree add"));
  assert.match(`${checkout?.env?.BASE} ${checkout?.run}`, /pull_request\.base\.sha.*\/base" "\$BASE"/s);
});

test("findings reach code scanning even if the comment fails, and the comment replaces only the review's own", () => {
  const names = jobs.publish?.steps.map(({ name }) => name) ?? [];
  const [scanning, commenting] = ["Hand the findings to code scanning", "Comment on the pull request"];
  assert.ok(names.indexOf(scanning) > 0 && names.indexOf(scanning) < names.indexOf(commenting), names.join());
  const comment = jobs.publish?.steps.find(({ name }) => name === commenting);
  assert.match(comment?.if ?? "", /!cancelled\(\)/);
  assert.match(comment?.run ?? "", /startswith\(env\.MARKER\)/);
  assert.doesNotMatch(comment?.run ?? "", /--edit-last/);
});

/** Whether code owners are asked about a file: the last pattern that fits decides, and one without an owner asks none. */
async function isOwned(): Promise<(file: string) => boolean> {
  const text = await readFile(join(root, ".github/CODEOWNERS"), "utf8");
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  const patterns = lines
    .map((line) => line.split(" "))
    .map(([pattern = "", owner]) => {
      const body = pattern === "*" ? ".*" : pattern.slice(1).replaceAll(".", "\\.").replaceAll("*", "[^/]*");
      return { fits: new RegExp(`^${body}${pattern.endsWith("/") ? ".*" : "$"}`), owner };
    });
  return (file) => patterns.filter(({ fits }) => fits.test(file)).at(-1)?.owner !== undefined;
}

test("code owners are asked about every file that decides how a change is judged, and about no other", async () => {
  const owned = await isOwned();
  const files = (await run("git", ["-C", root, "ls-files"])).trim().split("\n");
  for (const file of [...files, "new-folder/judge.ts", ".npmrc", "components/verify/new.ts", "policies/new/rules.ts"])
    assert.equal(owned(file), judges(file), file);
  for (const file of [
    "Makefile",
    "package.json",
    "tsconfig.json",
    "Pulumi.yaml",
    "tools/engine/engine.ts",
    ".github/CODEOWNERS",
  ])
    assert.ok(owned(file), file);
  for (const file of ["stacks/index.ts", "stacks/Pulumi.oslo.yaml", "node-config/run.py"])
    assert.ok(!owned(file), file);
});

test("the rulesets require the review, code owners and the base's workflow", async () => {
  const rules = async (name: string) => {
    const text = await readFile(join(root, `.github/rulesets/${name}.json`), "utf8");
    const { rules, enforcement } = JSON.parse(text) as {
      enforcement: string;
      rules: { type: string; parameters: never }[];
    };
    assert.equal(enforcement, "active");
    return new Map<string, Record<string, unknown>>(rules.map(({ type, parameters }) => [type, parameters]));
  };
  const repository = await rules("repository");
  assert.equal(repository.get("pull_request")?.require_code_owner_review, true);
  assert.match(JSON.stringify(repository.get("required_status_checks")), /"context":"review"/);
  const { workflows } = (await rules("organisation")).get("workflows") as {
    workflows: { path: string; ref: string }[];
  };
  assert.deepEqual(
    workflows.map(({ path, ref }) => [path, ref]),
    [[".github/workflows/policy-review.yml", "refs/heads/main"]],
  );
});
