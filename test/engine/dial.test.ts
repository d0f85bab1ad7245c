import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type DialTarget, dial } from "../../components/drift/dial";
import { runOnBy } from "../../components/drift/run-on";
import { makeSshServer, type SshServer } from "./ssh-server";

let server: SshServer;
let other: SshServer;
before(async () => {
  [server, other] = await Promise.all([makeSshServer(), makeSshServer()]);
});
after(() => Promise.all([server.stop(), other.stop()]));

/** Sends a command line, and collects what is said meanwhile. */
function send(line: string, more: Partial<DialTarget> = {}, signal = new AbortController().signal) {
  const said: string[] = [];
  const target = { ...server.connection, perDialTimeout: 5, ...more };
  return { said, ended: dial({ target, line, stdin: "hei", say: (text) => said.push(text), signal }) };
}

test("a machine that is down fails the run after as many attempts as its connection allows, with what ssh said", async () => {
  const { said, ended } = send("true", { dialErrorLimit: 2 });
  await assert.rejects(
    ended,
    /^Error: after 3 failed attempts: 127\.[\d.]+: ssh: connect to host .*: Connection refused$/,
  );
  assert.deepEqual(
    said.map((line) => line.slice(0, 22)),
    ["attempt 1 of 3 failed:", "attempt 2 of 3 failed:"],
  );
});

test("an interrupt ends the dialling of a machine that is down", async () => {
  const interrupt = new AbortController();
  const { ended } = send("true", { dialErrorLimit: -1 }, interrupt.signal);
  setTimeout(() => interrupt.abort(), 500);
  await assert.rejects(ended, { name: "AbortError" });
});

test("a machine that answers later is reached, gets its stdin, and is read line by line", async () => {
  const { said, ended } = send("cat; echo; echo bad >&2; printf 'a\\rb\\n\\nc'; exit 3", { dialErrorLimit: 70 });
  setTimeout(() => server.start(), 1000);
  assert.deepEqual(await ended, { status: 3, stdout: "hei\na\rb\n\nc", stderr: "bad" });
  assert.ok(said.filter((line) => !line.startsWith("attempt ")).length === 5, said.join("\n"));
});

test("a machine that shows another key than its own gets nothing", async () => {
  const { ended } = send("true", { hostKey: other.connection.hostKey, dialErrorLimit: 0 });
  await assert.rejects(ended, /after 1 failed attempts: .*Host key verification failed/s);
});

test("a machine whose login prints without a newline is reached, and runs the command once", async () => {
  const speaking = await makeSshServer({ greeting: "\u001b]0;node\u0007" });
  await speaking.start();
  const { said, ended } = send("echo hei", { ...speaking.connection, dialErrorLimit: 0 });
  try {
    assert.deepEqual(await ended, { status: 0, stdout: "hei", stderr: "" });
    assert.deepEqual(said, ["hei"]);
  } finally {
    await speaking.stop();
  }
});

test("a machine that prints without end is left, with a line or with many", { timeout: 60_000 }, async () => {
  for (const endless of ["yes", "cat /dev/zero", "yes >&2"]) {
    const { status, stderr } = await send(endless).ended;
    assert.deepEqual(
      [status, stderr],
      [undefined, "it printed more than 16777216 characters or 100000 lines"],
      endless,
    );
  }
});

test("a machine behind another one is reached through it", async () => {
  await other.start();
  const { ended } = send("echo through", { proxy: other.connection });
  assert.equal((await ended).stdout, "through");
});

test("a machine is reached, through another one too, from a TMPDIR with a space in its name", async () => {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = await mkdtemp(join(tmpdir(), "kjerne spaced "));
  try {
    assert.equal((await send("echo through", { proxy: other.connection, dialErrorLimit: 0 }).ended).stdout, "through");
  } finally {
    await rm(process.env.TMPDIR, { recursive: true });
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
});

test("fifty machines at once are reached without a warning", async (context) => {
  const warned = context.mock.method(process, "emitWarning", () => {});
  const all = Array.from({ length: 50 }, () => send("echo hei").ended);
  assert.deepEqual(new Set((await Promise.all(all)).map(({ stdout }) => stdout)), new Set(["hei"]));
  assert.equal(warned.mock.callCount(), 0);
});

test("a connection that is cut fails the run, and says that the script goes on there", async () => {
  const shown: string[] = [];
  const runOn = runOnBy(dial, (_urn, line) => shown.push(line), new AbortController().signal);
  const texts = ["echo begun; sleep 30"];
  const options = { name: "long.sh", action: "create", asLoginUser: true, texts, stdin: "" } as const;
  const ran = runOn("urn", server.connection, options);
  const isCut = assert.rejects(
    ran,
    /^Error: long\.sh create on 127\.[\d.]+: the connection is lost\. It goes on there to its end/,
  );
  while (!shown.includes("begun")) await new Promise((resolve) => setTimeout(resolve, 100));
  await server.cut();
  await isCut;
});
