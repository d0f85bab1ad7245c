import assert from "node:assert/strict";
import { test } from "node:test";
import { auditLog } from "../../policies/hardening/audit-log";
import { find, states } from "./described";
import { fileOf } from "./hardening-files";
import { command } from "./hardening-programs";
import { defaults } from "./hardening-rules";

const policy = (rules: unknown) => command("policy", { stdin: fileOf("Policy", { rules }) });
const cluster = (value: unknown) =>
  command("cluster", {
    stdin: fileOf("ClusterConfiguration", { apiServer: { extraArgs: [{ name: "audit-log-maxage", value }] } }),
  });

const secrets = [{ group: "", resources: ["secrets"] }];
const aside = { level: "Metadata", resources: secrets };
const bodies = { level: "Request" };
const policies: readonly (readonly [what: string, rules: unknown, state: string])[] = [
  ["secrets put aside before bodies", [aside, bodies], "shown"],
  ["everything without bodies", [{ level: "Metadata" }], "shown"],
  ["secrets left out", [{ ...aside, level: "None" }, bodies], "shown"],
  ["secrets among others put aside", [{ ...aside, resources: [{ resources: ["pods", "secrets"] }] }, bodies], "shown"],
  ["secrets in a second group", [{ ...aside, resources: [{ group: "apps" }, ...secrets] }, bodies], "shown"],
  ["the whole core put aside", [{ ...aside, resources: [{ group: "" }] }, bodies], "shown"],
  ["all of the core put aside", [{ ...aside, resources: [{ group: "", resources: ["*"] }] }, bodies], "shown"],
  [
    "bodies of other things first",
    [{ ...bodies, resources: [{ resources: ["pods"] }, { group: "apps" }] }, aside],
    "shown",
  ],
  ["paths that are no resources first", [{ ...bodies, nonResourceURLs: ["/healthz"] }, aside], "shown"],
  ["bodies first", [bodies, aside], "violated"],
  [
    "somebody else's secrets put aside",
    [{ ...aside, resources: [{ ...secrets[0], group: "x.no" }] }, bodies],
    "violated",
  ],
  ["one user's bodies", [{ ...bodies, users: ["a"] }], "violated"],
  ["resources that are no list", [{ ...bodies, resources: "pods" }, aside], "violated"],
  ["rules that are no list", "none", "unverifiable"],
  ...["users", "userGroups", "verbs", "namespaces"].map(
    (field) => [`secrets put aside for some ${field}`, [{ ...aside, [field]: ["a"] }, bodies], "violated"] as const,
  ),
];
for (const [what, rules, state] of policies) {
  test(`an audit policy with ${what}: ${state}`, () => {
    const found = find(auditLog, [policy(rules)], defaults).filter(({ field }) => field.endsWith("(secrets)"));
    assert.deepEqual(states(found), [state]);
  });
}

for (const [value, state] of [
  ["30", "shown"],
  [30, "shown"],
  ["29", "violated"],
  ["30.5", "violated"],
  ["1e3", "violated"],
] as const) {
  test(`an audit log that is kept for ${JSON.stringify(value)} days: ${state}`, () => {
    const [found] = find(auditLog, [cluster(value)], defaults).filter(({ field }) =>
      field.endsWith("--audit-log-maxage"),
    );
    assert.equal(found?.state, state);
  });
}

test("the API server's settings without a policy, and a policy without them, are half of it", () => {
  const missing = (program: Parameters<typeof find>[1]) =>
    find(auditLog, program, defaults).map(({ reason }) => /^No (.*) was found/.exec(reason ?? "")?.[1]);
  assert.ok(missing([cluster("30")]).includes("audit Policy"));
  assert.ok(missing([policy([aside])]).includes("ClusterConfiguration"));
  assert.deepEqual(new Set(missing([cluster("30"), policy([aside])])), new Set([undefined]));
});
