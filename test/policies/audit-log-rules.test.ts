import assert from "node:assert/strict";
import { test } from "node:test";
import { auditLog } from "../../policies/hardening/audit-log";
import { find, outcome, states } from "./described";
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
  ["logs Secrets without bodies before it logs bodies", [aside, bodies], "shown"],
  ["logs nothing with bodies", [{ level: "Metadata" }], "shown"],
  ["does not log Secrets", [{ ...aside, level: "None" }, bodies], "shown"],
  [
    "logs pods and Secrets without bodies",
    [{ ...aside, resources: [{ resources: ["pods", "secrets"] }] }, bodies],
    "shown",
  ],
  [
    "names Secrets in the second group of a rule",
    [{ ...aside, resources: [{ group: "apps" }, ...secrets] }, bodies],
    "shown",
  ],
  ["logs the core group without bodies", [{ ...aside, resources: [{ group: "" }] }, bodies], "shown"],
  [
    "logs all resources of the core group without bodies",
    [{ ...aside, resources: [{ group: "", resources: ["*"] }] }, bodies],
    "shown",
  ],
  [
    "logs bodies of other resources first",
    [{ ...bodies, resources: [{ resources: ["pods"] }, { group: "apps" }] }, aside],
    "shown",
  ],
  ["logs bodies of non-resource URLs first", [{ ...bodies, nonResourceURLs: ["/healthz"] }, aside], "shown"],
  ["logs bodies before it names Secrets", [bodies, aside], "violated"],
  [
    "logs only the secrets of another API group without bodies",
    [{ ...aside, resources: [{ ...secrets[0], group: "x.no" }] }, bodies],
    "violated",
  ],
  ["logs bodies of one user's requests", [{ ...bodies, users: ["a"] }], "violated"],
  ["has resources that are no list", [{ ...bodies, resources: "pods" }, aside], "violated"],
  ["has rules that are no list", "none", "unverifiable"],
  ...["users", "userGroups", "verbs", "namespaces"].map(
    (field) =>
      [
        `logs Secrets without bodies for some ${field} only`,
        [{ ...aside, [field]: ["a"] }, bodies],
        "violated",
      ] as const,
  ),
];
for (const [what, rules, state] of policies) {
  test(`an audit policy that ${what} ${outcome("SEC-07", state)}`, () => {
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
  test(`an audit log kept for ${JSON.stringify(value)} days ${outcome("SEC-07", state)}`, () => {
    const [found] = find(auditLog, [cluster(value)], defaults).filter(({ field }) =>
      field.endsWith("--audit-log-maxage"),
    );
    assert.equal(found?.state, state);
  });
}

test("SEC-07 says which is missing: an audit policy, or the API server's settings", () => {
  const missing = (program: Parameters<typeof find>[1]) =>
    find(auditLog, program, defaults).map(({ reason }) => /^No (.*) was found/.exec(reason ?? "")?.[1]);
  assert.ok(missing([cluster("30")]).includes("audit Policy"));
  assert.ok(missing([policy([aside])]).includes("ClusterConfiguration"));
  assert.deepEqual(new Set(missing([cluster("30"), policy([aside])])), new Set([undefined]));
});
