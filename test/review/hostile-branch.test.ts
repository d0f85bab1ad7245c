import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { makeRepository, type Repository, type Reviewed } from "./repository";

/** A file of the reader's, outside of the repository. */
let secret: string;
let repository: Repository;
before(async () => {
  repository = await makeRepository();
  secret = join(await mkdtemp(join(homedir(), "kjerne-canary-")), "notes");
  await writeFile(secret, "canary-of-the-home");
});
beforeEach(() => repository.clean());
after(async () => {
  await repository.remove();
  await rm(join(secret, ".."), { recursive: true, force: true });
});

const oslo = "stacks/Pulumi.oslo.yaml";

/** Nodes abroad, which RES-01 refuses. Whatever else a branch does has to leave that as it is. */
const abroad = () => repository.edit(oslo, (stack) => stack.setIn(["config", "kjerne:site", "country"], "US"));

/** Runs `code` in the program before anything else of it. */
async function first(code: string): Promise<void> {
  await repository.write("stacks/first.ts", `${code}\nexport {};\n`);
  await repository.replace("stacks/index.ts", "import ", 'import "./first";\nimport ');
}

function refused({ blocked, printed, sarif }: Reviewed): void {
  assert.ok(blocked, printed);
  const ids = sarif.runs[0]?.results.filter(({ level }) => level === "error").map(({ ruleId }) => ruleId);
  assert.ok(ids?.includes("RES-01"), printed);
}

test("a branch that edits engine, packs, Makefile, review, parameters and project file is judged by its base", async () => {
  await abroad();
  const engine = "export async function ensureEngine() { throw new Error('not the base'); }\n";
  await repository.write("tools/engine/engine.ts", engine);
  await repository.write("commands/judge.ts", "console.log('No violation found');\n");
  await repository.replace("policies/residency/rules.ts", "  nodeLocation,\n", "");
  const off = {
    "node-location": "disabled",
    "transfer-basis": { enforcementLevel: "disabled" },
    exceptions: "disabled",
  };
  const parameters = { ...off, pack: { exceptionsFile: "../residency/quiet.yaml" } };
  await repository.write("policies/residency/parameters.oslo.json", JSON.stringify(parameters));
  const until = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const quiet = { rule: "RES-01", stack: "oslo", resource: "KvmNode cp1", owner: "nobody", until };
  const justification = "It is quiet here, and nobody looks at this file.";
  await repository.write(
    "policies/residency/quiet.yaml",
    JSON.stringify({ exceptions: [{ ...quiet, justification }] }),
  );
  await repository.replace(
    "Pulumi.yaml",
    "runtime: nodejs",
    "runtime: { name: nodejs, options: { nodeargs: --no-warnings } }",
  );
  const reviewed = await repository.review({}, "STACK=oslo");
  refused(reviewed);
  const { markdown } = reviewed;
  for (const told of [
    /WEAKER: This branch takes RES-01 out of the packs/,
    /WEAKER: This branch switches off RES-01 .* for oslo/,
    /WEAKER: This branch switches off RES-05 .* for oslo/,
    /WEAKER: This branch switches off the check of exceptions/,
    /WEAKER: Parameter exceptionsFile of residency for oslo/,
    /This branch edits tools\/engine\/engine\.ts/,
    /New exception: RES-01 is not enforced for KvmNode cp1/,
    /Pulumi\.yaml.*runtime\.options\.nodeargs/,
  ])
    assert.match(markdown, told);
  assert.ok(markdown.indexOf("WEAKER") < markdown.indexOf("### Stack"), "told before the stacks");
});

test("a program under review sees neither home nor packs nor event log, has no network, and can't end its judge", async () => {
  await abroad();
  await first(`
    import { execSync } from "node:child_process";
    import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
    const did: string[] = [];
    const attempt = (what: string, act: () => unknown) => { try { did.push(what + " " + act()); } catch {} };
    attempt("read", () => readFileSync(${JSON.stringify(secret)}, "utf8"));
    // The libraries may lie in the cache of the home.
    attempt("home", () => { const others = readdirSync(${JSON.stringify(homedir())}).filter((name) => name !== ".cache"); if (others.length === 0) throw 0; return others.join(); });
    for (const root of ["/tmp", ${JSON.stringify(tmpdir())}])
      attempt("list", () => readdirSync(root).filter((name) => name.startsWith("kjerne-review")).map((name) => {
        const all = readdirSync(root + "/" + name).filter((one) => one !== "shown" && one !== "scratch");
        if (all.length > 0) throw did.push("judge's " + all.join());
        return "nothing";
      }) && "");
    attempt("wrote the program", () => writeFileSync(__dirname + "/../dist-of-mine", "x"));
    attempt("wrote libraries", () => appendFileSync(require.resolve("@pulumi/policy"), "process.exit(0)"));
    attempt("processes", () => { const all = execSync("cat /proc/[0-9]*/cmdline").toString(); if (/pulumi\\0preview|policy-pack/.test(all)) return all.replaceAll("\\0", " "); throw 0; });
    attempt("network", () => execSync("node -e 'require(\\"net\\").connect(53, \\"192.0.2.1\\").on(\\"error\\", (e) => { process.exit(e.code === \\"ENETUNREACH\\" ? 1 : 0); })'", { timeout: 9000 }) && "a way out");
    const found = did.filter((one) => !/^list/.test(one));
    if (found.length > 0) throw new Error("REACHED " + found.join("; "));
  `);
  const reviewed = await repository.review({}, "STACK=oslo");
  assert.doesNotMatch(reviewed.printed, /REACHED|canary-of-the-home/);
  refused(reviewed);
});

test("settings and project files that are links don't bring a file of the reader's into the review", async () => {
  await repository.link("policies/exceptions.yaml", secret);
  await repository.link("Pulumi.yaml", secret);
  const reviewed = await repository.review({}, "STACK=oslo");
  assert.ok(reviewed.blocked);
  assert.doesNotMatch(JSON.stringify(reviewed), /canary-of-the-home/);
});

test("state, secrets provider and key that move abroad are told and refused", async () => {
  await repository.edit(oslo, (stack) => {
    stack.setIn(["secretsprovider"], "awskms://alias/kjerne?region=us-east-1");
    stack.setIn(["encryptedkey"], "AAAA");
  });
  await repository.replace("Pulumi.yaml", "runtime:", "backend: { url: https://api.pulumi.com }\nruntime:");
  const { blocked, markdown, sarif, printed } = await repository.review({}, "STACK=oslo");
  assert.ok(blocked, printed);
  assert.match(markdown, /secrets are encrypted with: from now on awskms:\S+alias\/kjerne/);
  assert.match(
    markdown,
    /state lies in the backend that Pulumi\.yaml names: from now on https:\S+api\.pulumi\.com, before none/,
  );
  assert.match(markdown, /The key that encrypts the stack's secrets is another one/);
  const own =
    sarif.runs[0]?.results.filter(({ ruleId }) => ruleId === "POL-02").map(({ message }) => message.text) ?? [];
  assert.match(own.join("\n"), /Pulumi\.yaml, backend: is https:\/\/api\.pulumi\.com, not allowed/);
  assert.match(own.join("\n"), /secretsprovider: is awskms:/);
});

test("a change that only weakens a rule's level is blocked, and says so", async () => {
  await repository.write("policies/network/parameters.oslo.json", JSON.stringify({ "bgp-password": "advisory" }));
  const { blocked, markdown, printed } = await repository.review({}, "STACK=oslo");
  assert.ok(blocked, printed);
  assert.match(markdown, /^## Blocked: this change weakens what judges the next one$/m);
  assert.match(markdown, /WEAKER: This branch only warns by NET-02/);
});
