import assert from "node:assert/strict";
import { test } from "node:test";
import { programProvider } from "../../components/drift/local-programs";
import { withKeys, withKeysOnce } from "../../components/verify/programs";

const urn = "urn:pulumi:dev::kjerne::kjerne-drift:index:LocalProgram::oslo-network-trial";
const target = { host: "127.0.0.1", port: 1, privateKey: "a key", hostKey: "ssh-ed25519 AAAA" };
const trial = { facts: { nodes: [], skip: [] }, targets: {} };

/** The provider, and what it showed. */
function provider(signal = new AbortController().signal) {
  const shown: string[] = [];
  return { ...programProvider((urn, line) => shown.push(`${urn.split("::").at(-1)}: ${line}`), signal), shown };
}
const inputs = (program: string, input: object) => ({ program, stdin: withKeysOnce(input) });

test("a program of the package gets its input, and the state gets what it printed and nothing else", async () => {
  const { create, update } = provider();
  const outs = { stdout: "0 directions between 0 machines" };
  assert.deepEqual(await create(urn, inputs("trial/main", trial)), { id: "oslo-network-trial", outs });
  assert.deepEqual(await update("id", urn, {}, inputs("trial/main", trial)), { outs });
});

test("one that fails gives what it said, line by line while it runs and whole as its error", async () => {
  const { create, shown } = provider();
  const { privateKey: _, ...keyless } = target;
  const failed = create(urn, inputs("trial/main", { ...trial, targets: { cp1: keyless } }));
  await assert.rejects(
    failed,
    /^Error: trial\/main\.ts failed with status 1:\n[\s\S]*cp1 \(127\.0\.0\.1\) needs a privateKey and a hostKey/,
  );
  assert.ok(shown.some((line) => /^oslo-network-trial: .*cp1 \(127\.0\.0\.1\) needs/.test(line)));
});

test("an interrupt ends a program that runs", async () => {
  const interrupt = new AbortController();
  const { create } = provider(interrupt.signal);
  const running = create(urn, inputs("trial/main", trial));
  interrupt.abort(new Error("interrupted"));
  await assert.rejects(running, /^Error: interrupted$/);
});

test("what is no program of the package is refused before it runs", async () => {
  const { check } = provider();
  const refused = async (program: string) => (await check?.(urn, {}, inputs(program, {})))?.failures ?? [];
  assert.deepEqual(await refused("verify/main"), []);
  for (const program of ["/bin/sh", "../stacks/index", "verify/report"]) {
    const [failure] = await refused(program);
    assert.match(
      failure?.reason ?? "",
      new RegExp(`no program ${program}, but verify/main, .*\`plugins\` in Pulumi\\.yaml`),
    );
  }
});

test("a state has each private key once, and the program gets every one in its place", () => {
  const proxy = { host: "10.0.0.2", privateKey: "another key", hostKey: "ssh-ed25519 BBBB" };
  const input = { wanted: {}, targets: { cp1: target, cp2: target, worker1: { ...target, proxy } } };
  const kept = withKeysOnce(input);
  assert.equal(kept.split("a key").length, 2);
  assert.equal(withKeys(kept), JSON.stringify(input));
});
