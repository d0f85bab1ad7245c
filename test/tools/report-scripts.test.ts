import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { measuredLandmarks } from "../../components/measure/landmarks";
import { watchedConntrack, watchedEtcd, watchedProcessor } from "../../components/measure/watched";
import type { Answer } from "../../components/verify/answers";
import { textOf } from "../../components/verify/run";
import { sentScript } from "../../components/verify/send";
import { asRoot, run } from "../../tools/run";

/** The scripts run as they are sent to a node, on this machine; what only a node has is made here. */
const directory = mkdtempSync(join(tmpdir(), "kjerne-report-"));
const at = (name: string) => join(directory, name);
before(() => {
  for (const name of ["bin", "tmp"]) mkdirSync(at(name));
});
after(() => rmSync(directory, { recursive: true }));

const env = { ...process.env, PATH: `${at("bin")}:${process.env.PATH}`, TMPDIR: at("tmp"), KUBECONFIG: "/nowhere" };
const program = (name: string, body: string) =>
  writeFileSync(at(`bin/${name}`), `#!/bin/bash\n${body}\n`, { mode: 0o755 });

/** Prints what the script printed. Not while this process has to answer it: it waits. */
async function sent(script: string, input: object) {
  const argv = ["-c", await sentScript(script), script];
  return spawnSync("bash", argv, { env, input: JSON.stringify(input), encoding: "utf8" });
}

test("watch.sh sees processors, connections and landmarks, and leaves no file", async () => {
  const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const input = {
    ...{ seconds: 2, own: "qemu", proxyMode: "", landmarks: [`127.0.0.1:${port}`, "127.0.0.1:1"] },
    processor: await textOf("report/processor.py"),
    roundTrips: await textOf("report/round-trips.py"),
  };
  const printed = await run("bash", ["-c", await sentScript("report/watch.sh")], { env, input: JSON.stringify(input) });
  server.close();
  assert.deepEqual(readdirSync(at("tmp")), [], "it left files");
  const answers: Record<string, Answer> = JSON.parse(printed);
  const ask = (name: string) => answers[name];

  const watched = watchedProcessor(ask);
  assert.ok("value" in watched, JSON.stringify(watched));
  const { samples, busyPercent, stealPercent, ioWaitPercent, processors } = watched.value.processor;
  assert.equal(samples.length, 2);
  assert.ok(processors >= 1);
  for (const percent of [busyPercent, stealPercent, ioWaitPercent])
    assert.ok(percent >= 0 && percent <= 100, `${percent}`);
  assert.ok(watched.value.ownSeconds !== null && watched.value.ownSeconds >= 0);

  const conntrack = watchedConntrack(ask);
  if (existsSync("/proc/sys/net/netfilter/nf_conntrack_max")) {
    assert.ok("value" in conntrack, JSON.stringify(conntrack));
    assert.equal(conntrack.value.limit, Number(readFileSync("/proc/sys/net/netfilter/nf_conntrack_max", "utf8")));
  } else assert.ok("unreadable" in conntrack);

  const landmarks = [
    { name: "here", address: "127.0.0.1", port },
    { name: "nobody", address: "127.0.0.1", port: 1 },
  ];
  const [near, silent] = measuredLandmarks("cp1", landmarks, ask);
  assert.ok(near && "value" in near.roundTripMicroseconds && near.roundTripMicroseconds.value > 0);
  assert.ok((near.atMostKilometres ?? -1) >= 0, `${near.atMostKilometres} km`);
  assert.deepEqual(silent?.roundTripMicroseconds, { unreadable: "it did not answer" });
});

test("processor.py counts a virtual machine that ends meanwhile for what it did until then", async () => {
  const end = `(exec -a qemu python3 -c 'import time
open("/proc/self/comm", "w").write("qemu-system-x86")
while time.process_time() < 1.5: pass') &`;
  const program = await textOf("report/processor.py");
  // Without this machine's own processes: one of its virtual machines would cover the one that ends.
  const alone = ["unshare", "--pid", "--fork", "--mount-proc"] as const;
  const printed = await asRoot(
    ...alone,
    "bash",
    "-c",
    `${end} sleep 0.2; python3 -IS -c "$0" 4 qemu & wait $!`,
    program,
  );
  const own = printed
    .trim()
    .split("\n")
    .map((line) => Number(line.split(" ").at(-1)));
  assert.equal(own.length, 5);
  for (const [at, seconds] of own.slice(1).entries()) assert.ok(seconds >= (own[at] as number), own.join(", "));
  assert.ok((own.at(-1) as number) > (own[0] as number) + 0.3, own.join(", "));
});

test("dns.py counts what was answered, and how long that took", async () => {
  const server = createSocket("udp4");
  let asked = 0;
  server.on("message", (question, { port, address }) => {
    // Every fourth question is lost.
    if (++asked % 4 === 0) return;
    const answer = Buffer.from(question);
    answer.writeUInt16BE(0x8180, 2);
    answer.writeUInt16BE(1, 6);
    server.send(Buffer.concat([answer, Buffer.from("c00c00010001000000050004" + "0a600001", "hex")]), port, address);
  });
  server.bind(53, "127.0.0.153");
  await once(server, "listening");
  const printed = await run("python3", [
    "-c",
    await textOf("report/dns.py"),
    "127.0.0.153",
    "kubernetes.default.svc",
    "8",
    "20",
  ]);
  server.close();
  const answers = JSON.parse(printed);
  assert.deepEqual([answers.asked, answers.microseconds.length], [8, 6]);
});

const kubectl = (labelled: boolean) =>
  program(
    "kubectl",
    `echo "$*" >>${at("calls")}
case "$*" in
  "get namespace "*) ${labelled ? "exit 1" : "echo namespace/kjerne-report"} ;;
  "create "*) cat >/dev/null ;;
  "get pods "*) echo '{"items": [{"metadata": {"name": "path-cp1"}, "status": {"podIP": "10.244.1.7"}}]}' ;;
esac`,
  );
const calls = () => readFileSync(at("calls"), "utf8").trim().split("\n");
const pods = { make: true, namespace: "kjerne-report", label: "kjerne.io/purpose=report", objects: [], seconds: 600 };

test("pods.sh makes its namespace after it removed an old one, and a timer removes it where nobody comes back", async () => {
  kubectl(true);
  for (const name of ["systemd-run", "systemctl"]) program(name, `echo "${name} $*" >>${at("calls")}`);
  writeFileSync(at("calls"), "");
  const { status, stdout, stderr } = await sent("report/pods.sh", pods);
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), { "path-cp1": "10.244.1.7" });
  const order = calls().map((call) => call.split(" ").slice(0, 2).join(" "));
  assert.deepEqual(order.indexOf("delete namespace") < order.indexOf("create --filename"), true);
  const timer = calls().find((call) => call.startsWith("systemd-run"));
  assert.match(timer ?? "", /--on-active=600 .*kubectl delete namespace --selector kjerne\.io\/purpose=report/);
});

test("pods.sh touches no namespace of that name without its label", async () => {
  kubectl(false);
  writeFileSync(at("calls"), "");
  const { status, stderr } = await sent("report/pods.sh", pods);
  assert.equal(status, 1);
  assert.match(stderr, /namespace kjerne-report is not the report's .*kubectl delete namespace kjerne-report/);
  for (const call of calls().filter((call) => call.startsWith("delete")))
    assert.match(call, /--selector kjerne\.io\/purpose=report/);
  assert.ok(!calls().some((call) => call.startsWith("create")));
});

test("etcd.sh reads histograms before and after its writes, and says when they failed", async () => {
  program(
    "curl",
    `n=$(cat ${at("n")} 2>/dev/null || echo 0); echo $((n + 150)) >${at("n")}
for name in wal_fsync backend_commit; do
  echo "etcd_disk_\${name}_duration_seconds_bucket{le=\\"0.001\\"} $n"
  echo "etcd_disk_\${name}_duration_seconds_bucket{le=\\"+Inf\\"} $n"
done`,
  );
  program("kubectl", `jq -e '.items | length == 200 and all(.metadata.namespace == "kjerne-report")' >/dev/null`);
  const input = { namespace: "kjerne-report", name: "cp1", writes: 200, seconds: 1 };
  const read = async () => {
    const { status, stdout, stderr } = await sent("report/etcd.sh", input);
    assert.equal(status, 0, stderr);
    const answers: Record<string, Answer> = JSON.parse(stdout);
    return watchedEtcd("cp1", (name) => answers[name]);
  };
  const { walFsync } = await read();
  assert.ok("value" in walFsync, JSON.stringify(walFsync));
  assert.equal(walFsync.value?.count, 150);
  assert.deepEqual((await read()).beforeStart, { value: null }, "a cluster that is older than this measurement");
  program("kubectl", "sleep 30");
  assert.ok("value" in (await read()).walFsync, "writes that are not done in time count as far as they got");
  program("kubectl", "echo 'namespaces \"kjerne-report\" not found' >&2; exit 1");
  assert.deepEqual((await read()).walFsync, { unreadable: 'namespaces "kjerne-report" not found' });
});
