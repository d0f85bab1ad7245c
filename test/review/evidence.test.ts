import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import Ajv from "ajv";
import { type Properties, unknown } from "../../policies/rule";
import { page } from "../../review/evidence/page";
import type { Evidence } from "../../review/evidence/schema";
import { sign, signatureNamespace } from "../../review/evidence/sign";
import { type Export, stackState } from "../../review/evidence/stack-state";
import { statement } from "../../review/evidence/statement";
import { type PackInUse, packInUse } from "../../review/packs/pack-config-in-use";
import { findPacks, packConfig } from "../../review/packs/packs";
import { run } from "../../tools/run";
import { canary, exported } from "./exported";

const repository = join(__dirname, "../..");
let packs: PackInUse[];
before(async () => {
  packs = await Promise.all(
    (await findPacks(repository)).map(async (pack) => packInUse(repository, pack, await packConfig(pack, "oslo"))),
  );
});

const today = new Date().toISOString().slice(0, 10);
const evidence = (from: Export, stack = "oslo", time = `${today}T12:00:00.000Z`): Evidence =>
  statement({ stack, state: stackState(from), packs, time });
const stateOf = ({ predicate }: Evidence, id: string) => predicate.rules.find((rule) => rule.id === id)?.state;

test("the evidence gives each rule a state: shown, declared, attested, unverifiable or violated", () => {
  const found = evidence(exported("oslo"));
  assert.equal(stateOf(found, "RES-01"), "declared");
  assert.equal(stateOf(found, "RES-03"), "attested");
  assert.equal(stateOf(found, "RES-13"), "unverifiable", "no resource says where the state is");
  assert.equal(stateOf(found, "NET-02"), "shown");
  assert.equal(stateOf(evidence(exported("oslo", { country: "DE" })), "RES-01"), "violated");
});

test("the evidence judges a node of a type that no rule knows by its site and address", () => {
  const extra = (country: string) => ({
    urn: "urn:pulumi:oslo::kjerne::acme:machines:RentedServer::w1",
    type: "acme:machines:RentedServer",
    inputs: { site: { country, city: "Kista" }, address: "10.20.0.41" },
  });
  const found = evidence(exported("oslo", { extra: [extra("SE")] }));
  const rule = found.predicate.rules.find(({ id }) => id === "RES-01");
  assert.deepEqual(
    rule?.findings.map(({ resource, state, read }) => `${resource}: ${read}, ${state}`),
    ["RentedServer w1: SE, violated", "KvmNode cp1: NO, declared"],
  );
});

test("a rule with an exception has the state excepted and names the owner of the exception", () => {
  const found = evidence(exported("lab"), "lab");
  const rule = found.predicate.rules.find(({ id }) => id === "RES-31");
  assert.equal(rule?.state, "excepted");
  assert.equal(rule?.findings[0]?.exception?.owner, "platform team");
});

test("a secret in a preview, and what is not known yet, is shown if its policy passed; refused it is unverifiable", () => {
  const previewed = (connection: unknown, refusing: readonly string[] = []) => {
    const urn = "urn:pulumi:oslo::kjerne::command:remote:Command::look";
    const command = { urn, type: "command:remote:Command", name: "look", properties: { connection } as Properties };
    const resources = [{ ...command, additionalSecretOutputs: [], protect: false }];
    const violations = refusing.map((policy) => ({ policy, urn, mandatory: true }));
    const state = { commit: "0".repeat(40), resources, violations };
    return statement({ stack: "oslo", state, packs, time: `${today}T12:00:00.000Z` });
  };
  assert.deepEqual(previewed("[secret]").subject[0]?.digest, { gitCommit: "0".repeat(40) });
  assert.equal(stateOf(previewed("[secret]"), "RES-02"), "shown");
  assert.equal(stateOf(previewed("[secret]", ["declared-machines"]), "RES-02"), "unverifiable");
  assert.equal(stateOf(previewed(unknown), "RES-02"), "shown");
  assert.equal(stateOf(previewed(unknown, ["declared-machines"]), "RES-02"), "unverifiable");
  assert.equal(stateOf(previewed({ host: "203.0.113.9" }), "RES-02"), "violated");
});

test("the evidence reports an exception that nothing uses any more", () => {
  const { problems } = evidence(exported("lab"), "lab").predicate.exceptions;
  assert.ok(
    problems.some((problem) => /RES-12.*not used/.test(problem)),
    problems.join("\n"),
  );
});

test("the same stack gives the same evidence, byte for byte except for the time", () => {
  const [one, other] = [evidence(exported("oslo")), evidence(exported("oslo"), "oslo", `${today}T23:00:00.000Z`)];
  const timeless = (of: Evidence) => JSON.stringify({ ...of, predicate: { ...of.predicate, time: "" } });
  assert.equal(timeless(one), timeless(other));
  assert.notEqual(JSON.stringify(one), JSON.stringify(other));
});

test("the fingerprint of a state changes with a setting, not with the order of resources or a secret", () => {
  const fingerprint = (from: Export) => stackState(from).fingerprint;
  const { deployment } = exported("oslo");
  const reversed = { deployment: { resources: [...(deployment.resources ?? [])].reverse() } };
  assert.equal(fingerprint(reversed), fingerprint({ deployment }));
  assert.equal(fingerprint(exported("oslo", { password: "another" })), fingerprint({ deployment }));
  assert.notEqual(fingerprint(exported("oslo", { country: "DE" })), fingerprint({ deployment }));
});

test("neither the evidence nor its HTML page holds a secret or the word compliant", () => {
  const found = evidence(exported("oslo"));
  for (const text of [JSON.stringify(found), page(found, "0".repeat(64))]) {
    assert.ok(!text.includes(canary));
    assert.doesNotMatch(text, /compliant/i);
  }
});

test("the HTML page of the evidence escapes markup in the stack's values", () => {
  const found = evidence(exported("oslo", { country: "<script>alert(1)</script>" }));
  assert.doesNotMatch(page(found, ""), /<script/);
});

test("the published JSON schema accepts the evidence and refuses an unknown state of a rule", async () => {
  const schema = JSON.parse(await readFile(join(repository, "docs/evidence.schema.json"), "utf8"));
  const validate = new Ajv({ unknownFormats: "ignore" }).compile(schema);
  const found = JSON.parse(JSON.stringify(evidence(exported("oslo"))));
  assert.ok(validate(found), JSON.stringify(validate.errors));
  found.predicate.rules[0].state = "fine";
  assert.ok(!validate(found));
});

test("a signature verifies the signed evidence and no changed evidence", async () => {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-evidence-"));
  const [file, key, signers] = ["evidence.json", "key", "allowed_signers"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  try {
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", key]);
    await writeFile(
      signers,
      `platform-team namespaces="${signatureNamespace}" ${await readFile(`${key}.pub`, "utf8")}`,
    );
    const text = JSON.stringify(evidence(exported("oslo")));
    await writeFile(file, text);
    await sign(file, key);
    const verified = async (content: string) => {
      const args = [
        "-Y",
        "verify",
        "-f",
        signers,
        "-I",
        "platform-team",
        "-n",
        signatureNamespace,
        "-s",
        `${file}.sig`,
      ];
      const child = spawn("ssh-keygen", args, { stdio: ["pipe", "ignore", "ignore"] });
      child.stdin.end(content);
      return (await once(child, "close"))[0] === 0;
    };
    assert.ok(await verified(text));
    assert.ok(!(await verified(text.replace("attested", "shown"))));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("a rule whose level the parameters lower is named with its level, and does not decide the verdict", () => {
  const told = (levels: [string, "advisory" | "disabled"][]) => {
    const inUse = packs.map((pack) => ({
      ...pack,
      rules: pack.rules.filter(({ id }) => id === "RES-01"),
      levels: new Map(levels),
    }));
    const from = stackState(exported("oslo", { country: "DE" }));
    return statement({ stack: "oslo", state: from, packs: inUse, time: `${today}T12:00:00.000Z` });
  };
  const [strict, off] = [told([]), told([["node-location", "disabled"]])];
  assert.equal(strict.predicate.verdict, "open");
  assert.equal(off.predicate.verdict, "nothing open");
  assert.deepEqual(
    off.predicate.rules.map(({ level, state }) => `${level} ${state}`),
    ["disabled violated"],
  );
  assert.match(page(off, ""), /let these rules stop nothing: RES-01 \(disabled\)/);
  assert.doesNotMatch(page(strict, ""), /stop nothing/);
});

test("the page names a signature only where there is one", () => {
  const found = evidence(exported("oslo"));
  assert.match(page(found, ""), /evidence\.json is not signed/);
  assert.match(page(found, "", "evidence.json.sig"), /signature of evidence\.json is in <code>evidence\.json\.sig</);
});

test("each pack has the sum of the file of exceptions that it used", () => {
  const { predicate } = evidence(exported("oslo"));
  assert.deepEqual(
    predicate.packs.map(({ exceptionsSha256 }) => exceptionsSha256),
    packs.map((pack) => pack.exceptionsSha256),
  );
  assert.ok(predicate.packs.every(({ parameters }) => parameters.exceptionsFile === "policies/exceptions.yaml"));
});
