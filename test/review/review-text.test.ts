import assert from "node:assert/strict";
import { test } from "node:test";
import { packs } from "../../policies/all";
import type { Violation } from "../../review/change/events";
import { voidExceptions } from "../../review/change/exception-changes";
import { levelChanges } from "../../review/change/level-changes";
import { markdown, marker } from "../../review/change/markdown";
import type { Review, StackReview } from "../../review/change/review";
import { sarif } from "../../review/change/sarif";
import { sarifProblems } from "./sarif-schema";

const rules = Object.values(packs).flatMap((pack) => pack.rules);
const demand = (id: string) => rules.find((rule) => rule.id === id) as (typeof rules)[number];

const urnOf = (type: string, name: string) => `urn:pulumi:oslo::kjerne::${type}::${name}`;
function violation(id: string, thing: [type: string, name: string], text: string, mandatory = true): Violation {
  const { name, title } = demand(id);
  const [type, named] = thing;
  const message = `${id} ${title}\n${type.split(":").at(-1)} ${named}, ${text}\nWhy: because`;
  return { pack: "kjerne", policy: name, urn: urnOf(type, named), message, mandatory };
}

function reviewed(stack: Partial<StackReview>, rest: Partial<Review> = {}): Review {
  const empty = {
    stack: "oslo",
    settings: "stacks/Pulumi.oslo.yaml",
    facts: [],
    violations: [],
    resources: [],
    errors: [],
  };
  return {
    ...{ base: "a".repeat(12), judge: "b".repeat(12), head: "c".repeat(12), exceptions: [], judges: [] },
    packs: [{ name: "kjerne", version: "0.1.0", rules }],
    stacks: [{ ...empty, ...stack }],
    ...rest,
  };
}

test("a comment on 400 broken workloads fits into one of GitHub, worst first, and says what it leaves out", () => {
  const broken = Array.from({ length: 400 }, (_, index) =>
    violation(
      "SEC-11",
      ["kubernetes:apps/v1:Deployment", `w${index}`],
      `spec.hostPID ${"æ".repeat(800)}${index}: is true, not allowed.`,
    ),
  );
  const worse = violation("RES-01", ["kjerne:node:KvmNode", "cp1"], "site.country: is US, not allowed.");
  const text = markdown(reviewed({ violations: [...broken, worse], facts: ["Nodes move."] }));
  assert.ok(Buffer.byteLength(text) < 65_536, `${Buffer.byteLength(text)} bytes`);
  assert.ok(text.startsWith(`${marker}\n## Blocked: 2 rules are violated\n`));
  assert.ok(text.indexOf("RES-01") < text.indexOf("SEC-11"), "the most severe rule comes first");
  assert.match(text, /\d+ more are left out here/);
  assert.match(text, /^Compared: aaaaaaaaaaaa with cccccccccccc/m);
});

test("the comment of a change with thousands of exceptions, facts, errors and files still fits and has its end", () => {
  const many = (what: string) => Array.from({ length: 3000 }, (_, index) => `${what} ${index} ${"x".repeat(50)}`);
  const judges = many("edits").map((sentence) => ({ sentence, file: "Makefile", weakens: false }));
  const text = markdown(
    reviewed({ facts: many("fact"), errors: many("error") }, { judges, exceptions: many("exception") }),
  );
  assert.ok(Buffer.byteLength(text) < 65_536, `${Buffer.byteLength(text)} bytes`);
  assert.match(text, /^Compared: /m);
});

/** What strangers write to have a bot say something for them. */
const hostile = [
  "https://![x](https://evil.example/p.png)",
  "https://[Approve_here](https://evil.example/login)",
  "@octocat and @acme/security",
  "www.evil.example",
  "<img src=x> <!-- hidden",
  "`code` **bold** ~~gone~~ | cell",
  "#1 and acme/kjerne#2",
  "$\\href{https://evil.example}{here}$",
  "javascript://x me@evil.example [x]: https://evil.example",
  "![x][y]\n\n[y]: https://evil.example",
];

test("nothing of a branch becomes a link, an image, a mention or HTML in the comment", () => {
  const thing: [string, string] = ["kjerne:residency:Attestation", hostile.join(" ")];
  const text = markdown(
    reviewed(
      {
        facts: hostile,
        violations: [violation("RES-01", thing, `statement: is ${hostile.join(" ")}, not allowed.`)],
        resources: hostile.map((one) => ({ urn: one, thing: one, what: "added" as const, fields: [one] })),
      },
      { exceptions: hostile, judges: [{ sentence: hostile.join(" "), file: "Makefile", weakens: false }] },
    ),
  );
  const trusted = demand("RES-01").basis[0].link;
  const rest = text
    .replaceAll(`<${trusted}>`, "")
    .replace(marker, "")
    .replaceAll(/<\/?(details|summary)>/g, "");
  // Whatever makes a link, an image, a mention, a reference, HTML or a formula on GitHub.
  assert.doesNotMatch(rest, /:\/\//);
  assert.doesNotMatch(rest, /(?<!\\)[<>[\]`$~]/);
  assert.doesNotMatch(rest, /@[\w-]/);
  assert.doesNotMatch(rest, /#\d/);
  assert.doesNotMatch(rest, /www\./);
  if (process.env.SHOW_COMMENT) console.log(text);
});

test("a preview that failed is no success in SARIF, and names the failure", () => {
  const found = sarif(reviewed({ errors: ["After the change: cluster is unreachable"] }), () => 1);
  assert.deepEqual(sarifProblems(found), []);
  const [invocation] = (
    found as { runs: { invocations: { executionSuccessful: boolean; toolExecutionNotifications: object[] }[] }[] }
  ).runs[0]?.invocations as never[];
  assert.match(JSON.stringify(invocation), /"executionSuccessful":false.*cluster is unreachable/);
  assert.match(JSON.stringify(sarif(reviewed({}), () => 1)), /"executionSuccessful":true/);
});

const prints = (review: Review, line = 1) =>
  (
    sarif(review, () => line) as { runs: { results: { partialFingerprints: Record<string, string> }[] }[] }
  ).runs[0]?.results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);

test("each finding has a fingerprint of its own, which stays when its line and its wording change", () => {
  const peer: [string, string] = ["kubernetes:crd.projectcalico.org/v1:BGPPeer", "tor 1"];
  const of = (state: string) => [
    violation("NET-03", peer, `spec.filters (import): ${state}; allowed: a BGPFilter.`),
    violation("NET-03", peer, `spec.filters (export): ${state}; allowed: a BGPFilter.`),
    violation("NET-03", ["kubernetes:crd.projectcalico.org/v1:BGPPeer", "tor 2"], `spec.filters (import): ${state}.`),
    violation("NET-03", ["kubernetes:crd.projectcalico.org/v1:BGPPeer", "tor 2"], `spec.filters (import): ${state}!`),
  ];
  const [one, other] = [
    prints(reviewed({ violations: of("not allowed") })),
    prints(reviewed({ violations: of("unverifiable") }), 7),
  ];
  assert.equal(new Set(one).size, 4, JSON.stringify(one));
  assert.deepEqual(one, other);
  assert.deepEqual(prints(reviewed({ violations: of("not allowed").reverse() }))?.slice(2), one?.slice(0, 2).reverse());
});

test("rules that had nothing to judge take one line, and no place in code scanning", () => {
  const idle = Array.from({ length: 23 }, (_, index) => ({
    ...{ pack: "kjerne", policy: "network-coverage", urn: "", mandatory: false },
    message: `POL-00 NET-${index} had nothing to judge: it looks for things.`,
  }));
  const review = reviewed({ violations: idle });
  assert.equal(markdown(review).match(/nothing to judge/g)?.length, 1);
  assert.deepEqual(prints(review), []);
});

test("an exception from a rule or for a stack that does not exist is told to allow nothing", () => {
  const one = {
    resource: "Backup etcd",
    owner: "operations",
    justification: "A sentence that is long enough.",
    until: "2027-01-01",
  };
  const text = (rule: string, stack: string) => JSON.stringify({ exceptions: [{ ...one, rule, stack }] });
  const said = (rule: string, stack: string) => voidExceptions(text(rule, stack), ["RES-12"], ["oslo"]);
  assert.deepEqual(said("RES-12", "oslo"), []);
  assert.match(said("RES-99", "oslo").join(), /there is no rule RES-99: /);
  assert.match(said("FOO-01", "bergen").join(), /there is no rule FOO-01 and no stack bergen: /);
});

test("parameters that switch rules off or weaken them are told rule by rule, in each form", () => {
  const pack = { folder: "residency", rules };
  const said = (before: object | undefined, after: object) =>
    levelChanges(pack, "oslo", before && JSON.stringify(before), JSON.stringify(after)).map(
      ({ sentence, weakens }) => `${weakens ? "weaker" : "told"}: ${sentence}`,
    );
  const off = said(
    {},
    { "node-location": "disabled", "transfer-basis": { enforcementLevel: "advisory" }, exceptions: "disabled" },
  );
  assert.match(
    off[1] ?? "",
    /^weaker: This branch switches off RES-01 \(.*\) for oslo\. \(policies\/residency\/parameters\.oslo\.json\)$/,
  );
  assert.match(off.join("\n"), /^weaker: This branch only warns by RES-05 /m);
  assert.match(off.join("\n"), /^weaker: This branch switches off the check of exceptions .*POL-01/m);
  assert.match(
    said(undefined, { all: "disabled" }).join(),
    /^weaker: This branch switches off every rule of residency/,
  );
  assert.match(said({ "node-location": "disabled" }, {}).join(), /^told: This branch enforces again RES-01/);
  assert.match(
    said({}, { pack: { profile: "eea" } }).join(),
    /^told: Parameter profile of residency for oslo: "eea"; before the default\./,
  );
  assert.match(said({}, { pack: { exceptionsFile: "quiet.yaml" } }).join(), /^weaker: Parameter exceptionsFile /);
  assert.deepEqual(said({ "node-location": "mandatory" }, {}), []);
  assert.equal(levelChanges(pack, "oslo", "{}", "no JSON")[0]?.weakens, true);
});
