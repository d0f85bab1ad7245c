import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type DoorFacts, doorFiles } from "../../node-config/doors";
import { rootCommand, run } from "../../tools/run";

/** How the rules of a node's doors are tried: the real program and the kernel's nftables; systemd's timer is played. */
const scratch = mkdtempSync(join(tmpdir(), "kjerne-doors-trial-"));
const program = join(__dirname, "../../node-config/doors/usr/local/sbin/kjerne-doors");
const facts: DoorFacts = {
  podCidr: "10.244.0.0/16",
  serviceCidr: "10.96.0.0/16",
  nodeCidr: "10.20.0.0/24",
  controlPlanes: ["10.20.0.11"],
  apiPorts: [6443],
  routers: [],
  hypervisors: [],
  nameservers: [],
  operators: ["192.0.2.0/24"],
  openToPods: [],
};

/** What a machine runs in order; each line of what is printed that tells of something. */
async function onMachine(...steps: readonly string[]): Promise<string[]> {
  const inside = `
for directory in /etc/kjerne /var/lib/kjerne /run; do mkdir -p $directory; mount -t tmpfs none $directory; done
mkdir -p /etc/kjerne/doors
export PATH=${scratch}/bin:$PATH
wants() { cp ${scratch}/$1/* /etc/kjerne/doors/; }
doors() { SSH_CONNECTION="192.0.2.7 $2 10.20.0.21 22" bash ${program} "$1" 2>&1 | grep -oE '^(tried|confirmed|the rules|this is|nobody|network.operators)' || true; }
in_force() { nft list table inet kjerne 2>/dev/null | grep -qw "$1" && echo "$1 is open" || echo "$1 is closed"; }
ten_minutes_pass() { [[ ! -e /run/timer ]] || { rm /run/timer; bash ${program} undo 2>&1 | cut -d " " -f 1; }; }
restart() { nft flush ruleset; umount /run; mount -t tmpfs none /run; bash ${program} load; }
${steps.join("\n")}`;
  const [command, ...args] = rootCommand(["unshare", "--mount", "--net", "bash", "-euc", inside]);
  return (await run(command, args)).trim().split("\n").filter(Boolean);
}

before(() => {
  const put = (path: string, content: string) => {
    mkdirSync(join(scratch, path, ".."), { recursive: true });
    writeFileSync(join(scratch, path), content, { mode: 0o755 });
  };
  for (const [name, openToPods] of Object.entries({ old: [9100], new: [9200], newer: [9300] })) {
    for (const [path, { content }] of Object.entries(doorFiles({ ...facts, openToPods }))) {
      if (path.startsWith("/etc/kjerne/doors/")) put(path.replace("/etc/kjerne/doors", name), content);
    }
  }
  put("wrong/facts.nft", "define pod_network = {");
  put("bin/systemd-run", "#!/bin/sh\n[ ! -e /run/no-timer ] && touch /run/timer\n");
  put("bin/systemctl", '#!/bin/sh\ncase "$*" in "stop kjerne-doors-undo.timer") rm -f /run/timer ;; esac\n');
  put("bin/sshd", "#!/bin/sh\necho port 22\n");
});
after(() => rmSync(scratch, { recursive: true, force: true }));

const confirmedOld = ["wants old", "doors try 1", "doors confirm 2"];
const old = ["tried", "confirmed"];

test("rules stay once another ssh session has confirmed them, and not by the session that loaded them", async () => {
  assert.deepEqual(
    await onMachine(
      "wants old",
      "doors try 1",
      "doors confirm 1",
      "doors confirm 2",
      "ten_minutes_pass",
      "in_force 9100",
    ),
    ["tried", "this is", "confirmed", "9100 is open"],
  );
});

test("rules that nobody confirms give way to those before them, or to none", async () => {
  assert.deepEqual(await onMachine("wants new", "doors try 1", "ten_minutes_pass", "in_force 9200"), [
    "tried",
    "nobody",
    "9200 is closed",
  ]);
  assert.deepEqual(
    await onMachine(...confirmedOld, "wants new", "doors try 3", "ten_minutes_pass", "in_force 9200", "in_force 9100"),
    [...old, "tried", "nobody", "9200 is closed", "9100 is open"],
  );
});

test("a machine that restarts during a trial loads what was confirmed before, and has the new rules tried again", async () => {
  assert.deepEqual(
    await onMachine(
      ...[...confirmedOld, "wants new", "doors try 3", "restart", "in_force 9200", "in_force 9100"],
      ...["doors confirm 4", "in_force 9200", "doors confirm 5", "ten_minutes_pass", "in_force 9200"],
    ),
    [
      ...old,
      "tried",
      "9200 is closed",
      "9100 is open",
      "tried",
      "the rules",
      "9200 is open",
      "confirmed",
      "9200 is open",
    ],
  );
});

test("settings that are put back during a trial end it", async () => {
  assert.deepEqual(
    await onMachine(
      ...[...confirmedOld, "wants new", "doors try 3", "wants old", "doors try 4", "in_force 9200", "in_force 9100"],
      ...["doors confirm 5", "in_force 9200", "restart", "in_force 9200", "in_force 9100"],
    ),
    [...old, "tried", "9200 is closed", "9100 is open", "9200 is closed", "9200 is closed", "9100 is open"],
  );
});

test("where no timer starts for the next rules, those of the trial before are not in force any more", async () => {
  assert.deepEqual(
    await onMachine(
      ...[...confirmedOld, "wants new", "doors try 3", "wants newer", "touch /run/no-timer", "doors try 4"],
      ...["in_force 9200", "in_force 9300", "in_force 9100"],
    ),
    [...old, "tried", "9200 is closed", "9300 is closed", "9100 is open"],
  );
});

test("only the rules that the settings have now can be confirmed", async () => {
  assert.deepEqual(
    await onMachine("wants new", "doors try 1", "wants newer", "doors confirm 2", "in_force 9300", "doors confirm 3"),
    ["tried", "tried", "the rules", "9300 is open", "confirmed"],
  );
});

test("rules that nft can't read, or that lock out who applies them, are never in force", async () => {
  assert.deepEqual(await onMachine(...confirmedOld, "wants wrong", "doors try 3", "in_force 9100"), [
    ...old,
    "9100 is open",
  ]);
  assert.deepEqual(
    await onMachine(
      "wants old",
      "sed -i s,192.0.2.0/24,198.51.100.0/24, /etc/kjerne/doors/facts.nft",
      "doors try 1",
      "in_force 9100",
    ),
    ["network.operators", "9100 is closed"],
  );
});
