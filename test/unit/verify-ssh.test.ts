import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { withSshConfig } from "../../components/verify/ssh";
import { until } from "../../tools/lab/until";

const scratch = mkdtempSync(join(tmpdir(), "kjerne-keys-"));
after(() => rmSync(scratch, { recursive: true }));
const root = join(__dirname, "../..");
execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(scratch, "operator")]);
const key = readFileSync(join(scratch, "operator"), "utf8");

/** A program that verifies for ever, in a TMPDIR of its own. It says so once it could log in. */
function verifies(privateKey: string, directory: string) {
  const program = `
    const { overSsh } = require(${JSON.stringify(join(root, "components/verify/ssh.ts"))});
    const target = { host: "192.0.2.1", privateKey: require('node:fs').readFileSync(0, 'utf8'), hostKey: "ssh-ed25519 AAAA" };
    overSsh({ cp1: target }, () => new Promise(() => { setInterval(() => {}, 1000); console.log("began"); }));
  `;
  const child = spawn(process.execPath, ["--import", "tsx", "--eval", program], {
    cwd: root,
    env: { ...process.env, TMPDIR: directory },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(privateKey);
  return child;
}

/** What a verification has put into its TMPDIR. */
const below = (directory: string) =>
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => name.startsWith("kjerne-"))
    .map((name) => join(directory, name));
/** Whether a file holds a key. An agent that ends meanwhile takes its socket away: what is gone holds none. */
const holdsKey = (path: string) =>
  statSync(path, { throwIfNoEntry: false })?.isFile() === true && readFileSync(path, "utf8").includes("PRIVATE KEY");

/** Whether an agent still answers there. */
const answers = (socket: string) =>
  new Promise<boolean>((resolve) => {
    const connection = createConnection(socket, () => resolve(true));
    connection.on("connect", () => connection.destroy()).on("error", () => resolve(false));
  });

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const) {
  test(`a verification that ${signal} ends leaves no private key behind, on disk or in an agent`, async () => {
    const directory = mkdtempSync(join(scratch, "tmp-"));
    const child = verifies(key, directory);
    await once(child.stdout, "data");
    const sockets = below(directory).filter((path) => statSync(path).isSocket());
    assert.equal(sockets.length, 1);
    assert.deepEqual(below(directory).filter(holdsKey), []);
    child.kill(signal);
    const [, ended] = await once(child, "exit");
    assert.equal(ended, signal);
    assert.deepEqual(below(directory).filter(holdsKey), []);
    if (signal !== "SIGKILL") assert.deepEqual(below(directory), []);
    await until("the end of the agent", 60, async () => !(await answers(sockets[0] ?? "")));
  });
}

test("a key that ssh can't read fails a verification with what ssh says, and leaves nothing", async () => {
  const directory = mkdtempSync(join(scratch, "tmp-"));
  const child = verifies("SECRET", directory);
  const [said] = await Promise.all([text(child.stderr), once(child, "exit")]);
  assert.match(said, /ssh-agent does not take the key key1: .*(invalid format|error in libcrypto)/);
  assert.ok(!said.includes("SECRET"));
  assert.deepEqual(below(directory), []);
});

test("no key but the pinned one is believed, whatever this machine has in /etc/ssh", async () => {
  const target = { host: "192.0.2.1", privateKey: key, hostKey: "ssh-ed25519 AAAA" };
  const settings = await withSshConfig({ cp1: target }, async (config) =>
    execFileSync("ssh", ["-G", "-F", config, "cp1"], { encoding: "utf8" }),
  );
  assert.match(settings, /^globalknownhostsfile \/dev\/null$/m);
});

test("a TMPDIR of any name holds the socket, the known keys and the way through another machine", async () => {
  const directory = join(scratch, 'a "b" %h c\\');
  mkdirSync(directory);
  const { TMPDIR } = process.env;
  process.env.TMPDIR = directory;
  try {
    const target = { host: "192.0.2.1", privateKey: key, hostKey: "ssh-ed25519 AAAA" };
    await withSshConfig({ cp1: { ...target, proxy: target } }, async (config) => {
      const settings = execFileSync("ssh", ["-G", "-F", config, "cp1"], { encoding: "utf8" });
      const shown = (name: string) => settings.match(new RegExp(`^${name} (.*)$`, "m"))?.[1]?.replaceAll("%%", "%");
      assert.equal(shown("identityagent"), join(dirname(config), "key1"));
      assert.equal(shown("userknownhostsfile"), join(dirname(config), "cp1.known_hosts"));
      const line = `${shown("proxycommand")}`.replace(/^ssh/, "ssh -G").replace("-W '[%h]:%p'", "");
      const through = execFileSync("sh", ["-c", line], { encoding: "utf8" });
      assert.match(through, /^hostkeyalias cp1-proxy$/m);
    });
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
});

test("a key with a passphrase is refused, and nobody at a terminal is asked for it", async () => {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "passphrase", "-f", join(scratch, "locked")]);
  const program = `
    const { agentWith } = require(${JSON.stringify(join(root, "components/verify/ssh-agent.ts"))});
    agentWith(require("node:fs").readFileSync("${scratch}/locked", "utf8"), "${scratch}", "key1").catch((error) => console.log(error.message));
  `;
  writeFileSync(join(scratch, "locked.cjs"), program);
  const child = spawn("script", ["-qec", `${process.execPath} --import tsx ${scratch}/locked.cjs`, "/dev/null"], {
    cwd: root,
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
  const said = await text(child.stdout);
  clearTimeout(timer);
  assert.match(said, /^ssh-agent does not take the key key1: /);
});
