import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { after, before, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { parse } from "yaml";
import { shellQuote } from "../../components/machine/shell";
import { type BesideMachines, besideMachines, ended } from "./beside-machines";

let beside: BesideMachines;
before(async () => {
  beside = await besideMachines();
});
after(() => beside?.stop());

/** Runs `make new` on a terminal; each line is typed when the next prompt is there. */
async function type(changed: Readonly<Record<string, string | undefined>>, ...lines: readonly string[]) {
  const words = beside.command(changed).map(shellQuote).join(" ");
  const running = spawn("script", ["--quiet", "--flush", "--return", "--command", words, "/dev/null"], {
    env: beside.env,
  });
  const left = [...lines];
  let since = "";
  running.stdout.on("data", (text) => {
    since += stripVTControlCharacters(String(text));
    const line = /> $/.test(since) ? left.shift() : undefined;
    if (line === undefined) return;
    since = "";
    running.stdin.write(`${line}\n`);
  });
  const { status, stdout } = await ended(running);
  return { status, stdout: stripVTControlCharacters(stdout).replaceAll("\r", ""), left };
}

const onlyOne = { MACHINES: "root@10.88.0.11", CITY: undefined };

test("on a terminal what is missing is asked, and a host key that somebody compared is taken", async () => {
  // ENDPOINT, NODE_NETWORK, then the city, STATE, MIRROR_OPERATOR.
  const { status, stdout, left } = await type(onlyOne, "", "", "Bergen", "", "", "yes");
  assert.equal(status, 0, stdout);
  assert.deepEqual(left, []);
  assert.ok(stdout.includes(`root@10.88.0.11 shows the host key ${beside.machines.fingerprint("node1")}.`), stdout);
  const { config } = parse(readFileSync(beside.file, "utf8"));
  assert.equal(config["kjerne:site"].city, "Bergen");
  assert.equal(config["kjerne:nodes"].length, 1);
  rmSync(beside.file);
});

test("a host key that nobody confirms stops everything, and the command that goes on has each answer", async () => {
  const { status, stdout } = await type(onlyOne, "", "", "Bergen", "", "", "y");
  assert.notEqual(status, 0);
  assert.match(stdout, /root@10\.88\.0\.11: shows the host key SHA256:\S+, which nobody confirmed/);
  assert.match(stdout, /To go on with these answers: make new STACK=bergen MACHINES=root@10\.88\.0\.11 .*CITY=Bergen/);
  assert.equal(existsSync(beside.file), false);
});
