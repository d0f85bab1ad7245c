import assert from "node:assert/strict";
import { test } from "node:test";
import type { Drift } from "../../components/drift/machine-state";
import { driftProvider, type Reach } from "../../components/drift/provider";

const urn = "urn:pulumi:dev::kjerne::kjerne-drift:index:MachineState::worker1-state";
const inputs = {
  connection: { host: "10.0.0.1", privateKey: "key", hostKey: "ssh-ed25519 AAAA" },
  sets: { "worker1-base-files": "1234" },
  container: false,
};
const forwarding: Drift = { "setting net.ipv4.ip_forward": { wanted: "1", found: "0" } };
const away: Drift = { "set worker1-base-files": { wanted: "the writer's record", found: "none that can be read" } };

/** A machine on which each look finds the next of these. */
function machine(...found: readonly (Drift | Error)[]) {
  const looks = [...found];
  const changes: string[] = [];
  const said: string[] = [];
  const look = async () => {
    const next = looks.shift() ?? new Error("nobody was to look here");
    if (next instanceof Error) throw next;
    return JSON.stringify(next);
  };
  const change = async (_node: string, script: string, stdin: string) => {
    changes.push(`${script} ${stdin}`);
    return "";
  };
  const reach: Reach = (_targets, use) => use(look, change);
  const seconds = { running: 0, started: 0 };
  return { provider: driftProvider(reach, "writer", (line) => said.push(line), seconds), changes, said };
}

test("making it, and other settings without drift, asks no machine", async () => {
  const { provider, changes } = machine();
  const { outs } = await provider.create(urn, inputs);
  assert.deepEqual(outs, { drift: {}, putBackAt: "" }, "the state has the inputs once");
  const other = { ...inputs, sets: { "worker1-base-files": "5678" } };
  assert.deepEqual(await provider.diff("worker1-state", urn, outs, other), {}, "the engine compares the inputs");
  assert.deepEqual(await provider.update("worker1-state", urn, outs, other), { outs: { drift: {}, putBackAt: "" } });
  assert.deepEqual(changes, []);
});

test("drift that a refresh found is a change, is put back by its name, and is looked at again", async () => {
  const { provider, changes } = machine(forwarding, {});
  const { props } = await provider.read("worker1-state", urn, { ...inputs, drift: {} });
  assert.deepEqual(props.drift, forwarding);
  assert.deepEqual(await provider.diff("worker1-state", urn, props, inputs), { changes: true });
  const { outs } = await provider.update("worker1-state", urn, props, inputs);
  assert.deepEqual({ ...outs, putBackAt: "" }, { drift: {}, putBackAt: "" });
  assert.ok(Math.abs(Date.parse(outs.putBackAt) - Date.now()) < 60_000, "the verification looks again after it");
  const [change = ""] = changes;
  assert.match(change, /^drift\/put-back\.sh /);
  assert.deepEqual(JSON.parse(change.slice(change.indexOf("{"))), {
    drift: forwarding,
    sets: ["worker1-base-files"],
    writer: "writer",
  });
});

test("what could not be put back fails, with what was found and the way out", async () => {
  const { provider } = machine(away);
  await assert.rejects(
    () => provider.update("worker1-state", urn, { ...inputs, drift: away }, inputs),
    /worker1-state: this could not be put back:\n {2}set worker1-base-files: found none that can be read, wanted the writer's record\n.*pulumi up --replace/,
  );
});

test("a machine that does not answer is told, and what was known of it stays", async () => {
  const { provider, said } = machine(new Error("ssh: connect to host 10.0.0.1: no route"));
  const known = { drift: forwarding, putBackAt: "" };
  const found = await provider.read("worker1-state", urn, { ...inputs, ...known });
  assert.deepEqual(found, { id: "worker1-state", props: known });
  assert.deepEqual(said, [
    "worker1-state: nothing is known of what somebody changed there: ssh: connect to host 10.0.0.1: no route",
  ]);
});

test("a virtual machine that stopped is not asked itself, and is started on its hypervisor alone", async () => {
  const stopped: Drift = { "virtual machine": { wanted: "running", found: "shut off" } };
  const { provider, changes } = machine(stopped, {}, {});
  const virtual = { ...inputs, host: { connection: inputs.connection, directory: "/pool/worker1" } };
  const { props } = await provider.read("worker1-state", urn, { ...virtual, drift: {} });
  assert.deepEqual(props.drift, stopped);
  await provider.update("worker1-state", urn, props, virtual);
  assert.deepEqual(changes, ['drift/put-back-machine.sh {"directory":"/pool/worker1"}']);
});
