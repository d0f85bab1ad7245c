import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lookFiles } from "../../node-config/verification";
import { rootCommand } from "../../tools/run";

/** A node's files lie in directories that only the namespace of these processes has. */
const directory = mkdtempSync(join(tmpdir(), "kjerne-look-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const files = lookFiles("ssh-ed25519 AAAA", ["10.20.0.12", "10.20.0.11"]);
for (const [path, { content, mode }] of Object.entries(files)) {
  writeFileSync(join(directory, path.replaceAll("/", "+")), content, { mode: Number.parseInt(mode, 8) });
}

const input = { sysctls: ["kernel.ostype"], seconds: 0, mtu: 1500, others: ["127.0.0.1"], announced: false };

/** Asks a node as ssh does by the forced command. */
function look(script: string, stdin: object) {
  const text = `mount -t tmpfs none /usr/local/lib
for file in "$0"/+usr+local+lib+*; do
  path=$(tr + / <<<"\${file##*/}")
  install -D "$file" "$path"
done
exec "$0/+usr+local+sbin+kjerne-look" "$1"`;
  const [program, ...args] = rootCommand(["unshare", "--mount", "bash", "-euc", text, directory, script]);
  return spawnSync(program, args, { input: JSON.stringify(stdin), encoding: "utf8", timeout: 120_000 });
}

test("a control plane that asks gets what observe.sh prints, by the programs that the node has", () => {
  const { status, stdout, stderr } = look("verify/observe.sh", { ...input, fullPackets: "print('another program')" });
  assert.equal(status, 0, stderr);
  const readings = JSON.parse(stdout);
  assert.equal(readings.hostname.stdout.trim(), hostname());
  assert.match(readings.sysctls.stdout, /kernel.ostype = Linux/);
  assert.doesNotMatch(readings.fullPackets.stdout, /another program/);
});

test("it gets what the report's cheap part prints, and etcd is not made to write", () => {
  const watch = {
    seconds: 1,
    own: "",
    proxyMode: "",
    landmarks: ["127.0.0.1:1"],
    processor: "print('another program')",
  };
  const watched = look("report/watch.sh", watch);
  assert.equal(watched.status, 0, watched.stderr);
  const { processor, roundTrips } = JSON.parse(watched.stdout);
  assert.equal(processor.stdout.trim().split("\n").length, 2, JSON.stringify(processor));
  assert.equal(roundTrips.stdout, "127.0.0.1:1 0\n");
  const etcd = look("report/etcd.sh", { namespace: "default", name: "a", writes: 1000, seconds: 1 });
  assert.equal(etcd.status, 0, etcd.stderr);
  assert.deepEqual(Object.keys(JSON.parse(etcd.stdout)).sort(), ["etcdAfter", "etcdBefore", "etcdDisk"]);
});

test("no other script, shell or path can be had for the key", () => {
  for (const script of ["", "verify/probe.sh", "verify/observe.sh; id", "../observe.sh", "bash"]) {
    const { status, stdout, stderr } = look(script, input);
    assert.deepEqual([status, stdout], [1, ""], script);
    assert.match(stderr, /kjerne-look runs .*, not /);
  }
});

const forged: Record<string, object> = {
  "a kernel setting that is a path to somewhere else": { sysctls: ["../../etc/shadow"] },
  "a kernel setting that is an option": { sysctls: ["--load=/etc/shadow"] },
  "an address that is an option": { others: ["-h"] },
  "an MTU that is a program": { mtu: "$(id)" },
  "a pause of a day": { seconds: 86_400 },
  "a landmark that is a name": { own: "", proxyMode: "", landmarks: ["$(id):22"] },
  "a mode of kube-proxy that is a program": { own: "", proxyMode: "a; id", landmarks: [] },
  "no input": { sysctls: null },
};
for (const [what, part] of Object.entries(forged)) {
  test(`nothing runs for ${what}`, () => {
    const script = "own" in part ? "report/watch.sh" : "verify/observe.sh";
    const { status, stdout, stderr } = look(script, { ...input, ...part });
    assert.notEqual(status, 0);
    assert.deepEqual([stdout, /error/.test(stderr)], ["", true], stderr);
  });
}

test("the key has a forced command and nothing else, and only control planes may use it", () => {
  assert.equal(
    files["/var/lib/kjerne-look/.ssh/authorized_keys"]?.content,
    String.raw`restrict,from="10.20.0.11,10.20.0.12",command="sudo -n /usr/local/sbin/kjerne-look \"$SSH_ORIGINAL_COMMAND\"" ssh-ed25519 AAAA` +
      "\n",
  );
  assert.equal(files["/etc/sudoers.d/kjerne-look"]?.mode, "0440");
});
