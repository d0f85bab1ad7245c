import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Measurement, type MeasurementArgs } from "../../components/measure/measurement";
import { refusedIn } from "../../components/measure/report";
import { ruleIds } from "../../components/measure/rule";
import { rules } from "../../components/measure/rules";
import { withKeys } from "../../components/verify/programs";
import { isSecret } from "../../tools/engine-values";
import { dns } from "./report/faults";
import { healthyBut, reported, reportWanted } from "./report/recorded";

const registered: { type: string; inputs: Record<string, unknown> }[] = [];
pulumi.runtime.setMocks({
  newResource: async ({ name, type, inputs }) => {
    registered.push({ type, inputs });
    return { id: `${name}-id`, state: { ...inputs, stdout: '{"stack": "measured"}' } };
  },
  call: () => ({}),
});

const target = { host: "10.20.0.11", hostKey: "ssh-ed25519 AAAA", privateKey: "the nodes' key" };
const cluster = { wanted: reportWanted, targets: { cp1: target }, settleSeconds: 600, after: ["one"] };

test("Measurement gives the program what the verification looks at, as a secret, and gives back what it measured", async () => {
  const args: MeasurementArgs = { cluster, refuse: ["etcd-disk"], after: ["two"] };
  const { report } = new Measurement("measured", args);
  const value = await new Promise((resolve) => report.apply(resolve));
  assert.deepEqual(value, { stack: "measured" });
  assert.equal(await pulumi.isSecret(report), false);
  const [component, command] = registered;
  assert.equal(component?.type, "kjerne:measure:Measurement");
  assert.doesNotMatch(JSON.stringify(component), /the nodes' key/);
  const stdin = command?.inputs.stdin;
  assert.ok(isSecret(stdin));
  const input = JSON.parse(withKeys(stdin.value as string));
  assert.deepEqual(input.targets, cluster.targets);
  assert.deepEqual([input.name, input.refuse, input.after], ["measured", ["etcd-disk"], ["one", "two"]]);
});

test("a cause that no rule names can't be refused", () => {
  const refuse = ["disk"] as unknown as MeasurementArgs["refuse"];
  assert.throws(
    () => new Measurement("measured", { cluster, refuse }),
    /measured: refuse: no cause is called disk; choose from cpu-taken, .*etcd-disk/,
  );
  assert.deepEqual(rules.map(({ id }) => id).sort(), [...ruleIds].sort());
});

test("a deployment fails for causes that it refuses, named or not answered, and for no other", async () => {
  const slow = reported(await healthyBut((measured) => dns(measured, 104_000)));
  assert.deepEqual(refusedIn(slow, ["slow-dns", "etcd-disk"]), ["refused: DNS answers slowly (slow-dns)"]);
  assert.deepEqual(refusedIn(slow, ["etcd-disk"]), []);
  const unread = reported(
    await healthyBut((measured) =>
      Object.assign(measured.etcd[0] as object, { walFsync: { unreadable: "no answer" } }),
    ),
  );
  assert.deepEqual(refusedIn(unread, ["etcd-disk"]), ["refused: etcd-disk is not answered: cp1: no answer"]);
});
