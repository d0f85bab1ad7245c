import assert from "node:assert/strict";
import { test } from "node:test";
import { admissionChanges } from "../../review/change/admission-changes";

test("what API servers will no longer refuse is told: another action, and each exception that comes, goes or is put off", () => {
  const settings = (admission: object | undefined) => JSON.stringify({ config: { "kjerne:admission": admission } });
  const exporter = {
    ...{ rule: "NET-06", kind: "DaemonSet", namespace: "monitoring", name: "node-exporter", owner: "Platform team" },
    ...{ justification: "It reads the node's own counters.", until: "2027-03-31" },
  };
  const role = { ...exporter, rule: "SEC-10", kind: "ClusterRole", namespace: undefined, name: "backup" };
  const changes = (before: object | undefined, after: object | undefined) =>
    admissionChanges("oslo", settings(before), settings(after));
  const deny = (...exceptions: object[]) => ({ action: "deny", exceptions });
  assert.deepEqual(changes(deny(exporter, role), deny(role, exporter)), []);
  assert.deepEqual(changes({ action: "deny" }, deny(exporter)), [
    "New exception at admission in stack oslo: NET-06 is not enforced for DaemonSet monitoring/node-exporter until 2027-03-31. Platform team answers for it: It reads the node's own counters.",
  ]);
  assert.match(
    changes(deny(role), deny()).join(),
    /^Gone at admission in stack oslo: SEC-10 .* for ClusterRole backup until/,
  );
  const later = changes(deny(role), deny({ ...role, until: "2027-05-01" }));
  assert.deepEqual(
    later.map((sentence) => sentence.split(" ")[0]),
    ["New", "Gone"],
  );
  const warns = "At admission in stack oslo, what breaks a rule is taken with a warning from now on; before, refused.";
  assert.deepEqual(changes(deny(), { action: "warn" }), [warns]);
  assert.match(changes(deny(), undefined).join(), /is not looked for from now on; before, refused/);
  assert.match(changes(undefined, deny()).join(), /is refused from now on; before, not looked for/);
  assert.deepEqual(admissionChanges("oslo", "{", "- no settings"), []);
});
