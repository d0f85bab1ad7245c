import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { evidenceSchema } from "../../review/evidence/schema";
import { makeRepository, type Repository, type Reviewed } from "./repository";
import { sarifProblems } from "./sarif-schema";

let repository: Repository;
before(async () => {
  repository = await makeRepository();
});
beforeEach(() => repository.clean());
after(() => repository.remove());

const oslo = "stacks/Pulumi.oslo.yaml";
const canaries = { AWS_SECRET_ACCESS_KEY: "canary-of-the-environment", PULUMI_CONFIG_PASSPHRASE: "canary-passphrase" };

/** Breaks four rules in the working tree. */
async function fourMistakes(): Promise<void> {
  await repository.edit(oslo, (stack) => {
    const backup = ["config", "kjerne:residency", "backups", 0];
    stack.setIn([...backup, "country"], "DE");
    stack.setIn([...backup, "city"], "Frankfurt");
    stack.setIn(["config", "kjerne:network", "calico", "peers", 0, "authenticated"], false);
    stack.setIn(["config", "kjerne:otherNamespaces"], "reported");
  });
  await repository.write("stacks/payments.ts", await readFile(join(__dirname, "programs/payments.ts"), "utf8"));
  const program = "stacks/index.ts";
  await repository.replace(
    program,
    "import { loadSettings }",
    'import { payments } from "./payments";\nimport { loadSettings }',
  );
  await repository.replace(program, "  return {", "  payments(cluster.kubeconfig);\n  return {");
}

const blocking = ({ sarif }: Reviewed) =>
  [...new Set(sarif.runs[0]?.results.filter(({ level }) => level === "error").map(({ ruleId }) => ruleId))].sort();

function noCanary(reviewed: Reviewed): void {
  const all = JSON.stringify(reviewed);
  for (const canary of [...Object.values(canaries), "BEGIN OPENSSH PRIVATE KEY", "placeholder-"]) {
    assert.ok(!all.includes(canary), `${canary} is in the output`);
  }
}

test("a change that breaks four rules is blocked, and the review names each rule and each difference", async () => {
  await fourMistakes();
  const reviewed = await repository.review(canaries, "STACK=oslo");
  assert.ok(reviewed.blocked);
  assert.deepEqual(blocking(reviewed), ["NET-02", "NET-04", "RES-12", "RES-18"], reviewed.printed);
  assert.match(reviewed.markdown, /^## Blocked: 4 rules are violated$/m);
  for (const sentence of [
    "Backup etcd moves from Trondheim, NO to Frankfurt, DE.",
    "BGP peer tor1 loses its password",
    "Namespaces are no longer denied by default, but for those with policies of their own: default.kjerne-default-deny is removed.",
    "Namespace payments is new and denies nothing by default.",
    "an image of Docker Hub.",
  ]) {
    assert.ok(reviewed.markdown.includes(sentence), `${sentence} is not in\n${reviewed.markdown}`);
  }
  assert.deepEqual(sarifProblems(reviewed.sarif), []);
  noCanary(reviewed);
});

test("a valid exception for one of four broken rules leaves three", async () => {
  await fourMistakes();
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await repository.edit("policies/exceptions.yaml", (exceptions) =>
    exceptions.addIn(["exceptions"], {
      rule: "RES-12",
      stack: "oslo",
      resource: "Backup etcd",
      field: "country",
      owner: "Head of operations",
      justification: "The store in Trondheim is being rebuilt; copies are encrypted with a key that stays in Norway.",
      until,
    }),
  );
  await repository.edit(oslo, (stack) => stack.setIn(["config", "kjerne:admission", "action"], "warn"));
  const reviewed = await repository.review(canaries, "STACK=oslo");
  assert.ok(reviewed.blocked);
  assert.deepEqual(blocking(reviewed), ["NET-02", "NET-04", "RES-18"], reviewed.printed);
  assert.match(reviewed.markdown, /At admission in stack oslo, what breaks a rule is taken with a warning from now on/);
  assert.match(reviewed.markdown, /New exception: RES-12 is not enforced for Backup etcd, country in stack oslo/);
  assert.match(reviewed.markdown, /policies\/exceptions.yaml/);
});

test("a change that breaks no rule passes, with its differences and evidence for its commit", async () => {
  await repository.edit(oslo, (stack) => stack.setIn(["config", "kjerne:defaultDeny", 0, "allow", 0, "port"], 9090));
  await repository.commit();
  const reviewed = await repository.review(canaries);
  assert.ok(!reviewed.blocked, reviewed.printed);
  assert.match(reviewed.markdown, /^## No violation found$/m);
  assert.match(reviewed.markdown, /Newly allowed: .* TCP 9090\./);
  assert.doesNotMatch(reviewed.markdown, /### Stack lab/);

  const kept = (name: string) => readFile(join(repository.directory, "dist/review/evidence/oslo", name), "utf8");
  const { subject, predicate } = evidenceSchema.parse(JSON.parse(await kept("evidence.json")));
  assert.ok("gitCommit" in (subject[0]?.digest ?? {}));
  const open = predicate.rules.filter(({ state }) => state === "violated" || state === "unverifiable");
  assert.deepEqual(
    open.flatMap(({ id, findings }) =>
      findings.map(({ resource, field, state }) => `${id} ${resource} ${field} ${state}`),
    ),
    [],
  );
  assert.match(await kept("evidence.html"), /a preview of this stack/);
});

test("a reviewed program that prints its whole environment reveals no secret", async () => {
  await repository.replace(
    "stacks/index.ts",
    "  return {",
    "  throw new Error(JSON.stringify(process.env));\n  return {",
  );
  const reviewed = await repository.review(canaries, "STACK=oslo");
  assert.ok(reviewed.blocked);
  assert.match(reviewed.markdown, /could not be previewed/);
  assert.match(reviewed.markdown, /PULUMI_CONFIG_PASSPHRASE_FILE/);
  for (const canary of Object.values(canaries)) assert.ok(!JSON.stringify(reviewed).includes(canary), canary);
});
