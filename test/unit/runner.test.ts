import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { commandLine, runner } from "../../components/machine/runner";

const directory = mkdtempSync(join(tmpdir(), "kjerne-runner-"));
const at = (name: string) => join(directory, name);
after(() => rmSync(directory, { recursive: true, force: true }));

interface Options {
  readonly input?: string;
  readonly deadlineMinutes?: number;
  readonly env?: Record<string, string>;
  readonly shell?: string;
}

/** Runs a script as a login user does, with a shell that gets the command line and stdin from ssh. */
function run(script: string, { input = "", deadlineMinutes, env, shell = "sh" }: Options = {}) {
  const sizes = [runner, script].map((text) => `r(${Buffer.byteLength(text)})`);
  const start = `import sys; r = sys.stdin.buffer.read; exec(${sizes[0]}); run(${sizes[1]}, r())`;
  const line = commandLine({ name: "a/script.sh", action: "update", start, deadlineMinutes, asLoginUser: true });
  return spawnSync(shell, ["-c", line], {
    input: `${runner}${script}${input}`,
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
}
const text = ({ stdout, stderr }: ReturnType<typeof run>) => [stdout.toString(), stderr.toString()];

test("a script gets its argument and stdin, and its output, errors and exit status come back", () => {
  const ran = run('cat; echo "$0 $1: bad" >&2; exit 7\n', { input: "hei på deg" });
  assert.deepEqual([...text(ran), ran.status], ["hei på deg", "a/script.sh update: bad\n", 7]);
});

test("a script that ends with 255, which means a lost connection to ssh, fails with another status", () => {
  assert.equal(run("exit 255").status, 254);
});

test("a script that reads none of its 3 MB of stdin leaves none unread", () => {
  const ran = run("true", { input: "x".repeat(3_000_000) });
  assert.equal(ran.error, undefined);
  assert.equal(ran.status, 0);
});

test("where nothing can be started, stdin is read to its end and the reason is told", () => {
  const line = commandLine({ name: "a", action: "create", start: "raise SystemExit(3)", asLoginUser: true });
  const ran = spawnSync("sh", ["-c", line], { input: "x".repeat(3_000_000) });
  assert.deepEqual([ran.error, ran.status, ran.stderr.toString()], [undefined, 3, ""]);
});

test("a machine without python3 says so to a script that only looks, with the command that installs it", () => {
  symlinkSync("/bin/cat", at("cat"));
  const line = commandLine({ name: "a", action: "create", start: "", asLoginUser: true });
  const ran = spawnSync("/bin/sh", ["-c", line.replace(/PATH=[^;]*;/, `PATH=${directory};`)], { input: "x" });
  assert.match(ran.stderr.toString(), /^command python3 is missing, .*; apt-get install python3\n/);
  assert.equal(ran.status, 127);
});

test("output arrives as it was printed, however long its lines are", () => {
  const ran = run(String.raw`printf 'bl\xc3\xa5b\xe6r'; head -c 200000 /dev/zero | tr '\0' x; printf '\xf0\x9f' >&2`);
  const printed = Buffer.concat([Buffer.from("blåb"), Buffer.from([0xe6]), Buffer.from(`r${"x".repeat(200_000)}`)]);
  assert.ok(ran.stdout.equals(printed));
  assert.deepEqual([[...ran.stderr], ran.status], [[0xf0, 0x9f], 0]);
});

test("language, umask, PATH and start-up files of the login do not reach a script", () => {
  writeFileSync(at("profile"), "echo from BASH_ENV; exit 9\n");
  writeFileSync(at("id"), "#!/bin/sh\necho hostile >&2\nexit 9\n", { mode: 0o755 });
  writeFileSync(at("subprocess.py"), "raise SystemExit('hostile')\n");
  const env = {
    BASH_ENV: at("profile"),
    ENV: at("profile"),
    LANG: "nb_NO.UTF-8",
    LC_ALL: "nb_NO.UTF-8",
    LANGUAGE: "nb",
    PATH: `${directory}:${process.env.PATH}`,
    PYTHONPATH: directory,
    PYTHONSTARTUP: at("profile"),
    "BASH_FUNC_echo%%": "() { builtin echo hostile; }",
    CDPATH: "/tmp",
  };
  const script = `
    virsh() { if [ "\${LC_ALL-}" = C ] && [ -z "\${LANG-}\${LANGUAGE-}" ]; then echo running; else echo kjører; fi; }
    virsh; id -un; umask; touch ${at("made")}; env | cut -d = -f 1 | sort | paste -sd ' '`;
  const mask = process.umask(0o077);
  const ran = run(script, { env, shell: "/bin/sh" });
  process.umask(mask);
  const [stdout, stderr] = text(ran);
  assert.deepEqual([stderr, ran.status], ["", 0]);
  const [state, user, umask, names] = stdout?.split("\n") ?? [];
  assert.deepEqual([state, umask, names], ["running", "0022", "HOME LC_ALL PATH PWD SHLVL _"]);
  assert.notEqual(user, "hostile");
  assert.equal(statSync(at("made")).mode & 0o777, 0o644);
});

test("a script that does not end by its deadline is ended with its children, even those that ignore it", async () => {
  const child = `trap "" TERM; echo $$ >${at("child")}; while :; do sleep 0.1; done`;
  const ran = run(`bash -c '${child}' & wait`, { deadlineMinutes: 0.02 });
  assert.equal(ran.status, 124, text(ran).join());
  assert.match(text(ran)[1] ?? "", /a\/script\.sh did not end within 0\.02 minutes and was ended/);
  const stat = `/proc/${readFileSync(at("child"), "utf8").trim()}/stat`;
  const goesOn = () => existsSync(stat) && !/ Z /.test(readFileSync(stat, "utf8"));
  for (const deadline = Date.now() + 10_000; goesOn() && Date.now() < deadline; ) await pause(50);
  assert.ok(!goesOn(), "its child goes on");
});

test("a script that ignores the signal at its deadline is ended all the same", () => {
  assert.equal(run("trap '' TERM; while :; do sleep 0.1; done", { deadlineMinutes: 0.02 }).status, 137);
});

test("a daemon that keeps the script's output open does not keep the run", () => {
  const ran = run(
    `setsid sh -c 'echo $$ >${at("daemon")}; exec sleep 300' & until [ -s ${at("daemon")} ]; do sleep 0.1; done; echo done`,
  );
  process.kill(Number(readFileSync(at("daemon"), "utf8")));
  assert.deepEqual([ran.status, text(ran)[0]], [0, "done\n"]);
});
