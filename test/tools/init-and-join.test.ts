import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { asRoot, rootCommand, run } from "../../tools/run";
import { onlyWhatItSaid } from "./played-hypervisor";

/**
 * A machine with files of its own in /etc/kubernetes, /var/lib/etcd and /var/lib/kjerne, a network of its own, and fakes
 * of kubeadm and the rest, which log what they are told. kubeadm fails while there is a file `kubeadm-fails`.
 */
const machine = mkdtempSync(join(tmpdir(), "kjerne-init-"));
const at = (path: string) => join(machine, path);
const directories = ["etc/kubernetes", "var/lib/etcd", "var/lib/kjerne"];

function put(path: string, content = "", mode = 0o644) {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content, { mode });
}

const entered = `
  mount -t tmpfs none /run
  mount -t overlay overlay -o "lowerdir=/etc,upperdir=$0/upper/etc,workdir=$0/scratch/etc" /etc
  mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$0/upper/lib,workdir=$0/scratch/lib" /var/lib
  for directory in ${directories.join(" ")}; do mkdir -p "/$directory"; mount --bind "$0/$directory" "/$directory"; done
  ip link set lo up
  export PATH="$0/bin:$PATH"
  SERVES
  bash -c "$1" script create`;

/** Runs init.sh or join.sh, while an API server of another machine answers at `serves`. */
async function script(name: "init" | "join", stdin: string, serves?: string) {
  const server = serves
    ? `python3 -I -m http.server --bind ${serves} 6443 &>/dev/null </dev/null & trap "kill $!" EXIT
      until (exec 3<>/dev/tcp/${serves}/6443) 2>/dev/null; do kill -0 $!; done`
    : "";
  const text = readFileSync(join(__dirname, `../../node-config/kubeadm/${name}.sh`), "utf8");
  const inside = entered.replace("SERVES", server);
  const [program, ...args] = rootCommand(["unshare", "--mount", "--net", "bash", "-euc", inside, machine, text]);
  put("log");
  try {
    return await run(program, args, { input: stdin }).catch(onlyWhatItSaid);
  } finally {
    calls = readFileSync(at("log"), "utf8").trim().split("\n").filter(Boolean);
  }
}
let calls: string[] = [];

const cp1 = JSON.stringify({ name: "cp1", address: "127.0.0.1", others: { cp2: "127.0.0.2", cp3: "127.0.0.3" } });
const init = (serves?: string) => script("init", cp1, serves);
const joinAs = (kind: "controlPlane" | "worker") =>
  script("join", `kind: JoinConfiguration\n${kind === "controlPlane" ? "controlPlane:\n  certificateKey: x\n" : ""}`);

before(() => {
  for (const part of ["upper/etc", "upper/lib", "scratch/etc", "scratch/lib"]) mkdirSync(at(part), { recursive: true });
  const fake = (name: string, body = "") =>
    put(`bin/${name}`, `#!/bin/bash\necho "${name} $*" >>${at("log")}\n${body}\n`, 0o755);
  for (const name of ["systemctl", "crictl", "kjerne-register-again"]) fake(name);
  fake("kjerne-etcd-disk", `[[ ! -e ${at("disk-is-slow")} ]]`);
  fake("kubectl", "cat >/dev/null");
  fake("kjerne-configure-control-plane", "touch /var/lib/kjerne/control-plane");
  const made = `mkdir -p /etc/kubernetes/pki /etc/kubernetes/manifests /var/lib/etcd/member
    touch /etc/kubernetes/{kubelet.conf,manifests/etcd.yaml} /var/lib/etcd/member/wal`;
  fake(
    "kubeadm",
    `case $1 in
      init) ${made}; [[ ! -e ${at("kubeadm-fails")} ]] || exit 1
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ca -days 1 -keyout /dev/null -out /etc/kubernetes/pki/ca.crt 2>/dev/null ;;
      join) ${made}; if grep -q ^controlPlane: "$3"; then touch /etc/kubernetes/admin.conf; fi; [[ ! -e ${at("kubeadm-fails")} ]] ;;
      reset) rm -rf /etc/kubernetes/{kubelet.conf,manifests,admin.conf,pki} /var/lib/etcd/member ;;
      kubeconfig) echo operator ;;
    esac`,
  );
});
after(() => asRoot("rm", "--recursive", "--force", machine));
beforeEach(async () => {
  for (const name of ["kubeadm-fails", "disk-is-slow"]) rmSync(at(name), { force: true });
  await asRoot("rm", "--recursive", "--force", ...directories.map(at));
  for (const directory of directories) mkdirSync(at(directory), { recursive: true });
  put("etc/kubernetes/kjerne/kubeadm.yaml");
});

const did = (command: string) => calls.filter((call) => call.startsWith(command)).length;
/** Refused before kubeadm, kubelet or a file has changed. */
async function refused(running: Promise<unknown>, expected: RegExp) {
  await assert.rejects(running, expected);
  assert.deepEqual(
    calls.filter((call) => !call.startsWith("kubeadm config validate")),
    [],
  );
}

const traces = ["var/lib/etcd/member/snap/db", "etc/kubernetes/kubelet.conf", "etc/kubernetes/manifests/etcd.yaml"];
for (const trace of traces) {
  test(`a machine with /${trace} is neither reset, nor made the first of a cluster, nor joined`, async () => {
    put(trace, "theirs");
    await refused(init(), /cp1 must start a cluster, and there is one:\n {2}this machine has data of a cluster/);
    await refused(joinAs("controlPlane"), /must join, and it has data of a cluster/);
    await refused(joinAs("worker"), /must join, and it has data of a cluster/);
    assert.equal(readFileSync(at(trace), "utf8"), "theirs");
  });
}

test("nothing of Kubernetes starts on a machine whose disk is too slow for etcd; a worker has none", async () => {
  put("disk-is-slow");
  for (const run of [init, () => joinAs("controlPlane")]) {
    await assert.rejects(run());
    assert.deepEqual(
      [did("kjerne-etcd-disk"), did("kubeadm init"), did("kubeadm join"), did("systemctl")],
      [1, 0, 0, 0],
    );
  }
  await joinAs("worker");
  assert.deepEqual([did("kjerne-etcd-disk"), did("kubeadm join")], [0, 1]);
});

test("the disk of a control plane that has its cluster is not measured again: etcd writes to it", async () => {
  await init();
  assert.equal(did("kjerne-etcd-disk"), 1);
  await init();
  assert.equal(did("kjerne-etcd-disk"), 0);
});

test("no cluster begins while another control plane serves an API, also after a run that was cut off", async () => {
  await refused(init("127.0.0.3"), /cp3 at 127\.0\.0\.3 serves an API already\nNothing was changed/);
  put("kubeadm-fails");
  await assert.rejects(init());
  await refused(init("127.0.0.2"), /cp2 at 127\.0\.0\.2 serves an API already/);
});

test("a start that was cut off starts over, and one that ended is never reset but registers again", async () => {
  put("kubeadm-fails");
  await assert.rejects(init());
  assert.equal(did("kubeadm reset"), 0);
  rmSync(at("kubeadm-fails"));
  assert.match(JSON.parse(await init()).caHash, /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual(
    [did("kubeadm reset"), did("kubeadm init"), did("kjerne-configure-control-plane --made")],
    [1, 1, 1],
  );
  await init("127.0.0.2");
  assert.deepEqual([did("kubeadm reset"), did("kubeadm init"), did("kjerne-register-again")], [0, 0, 1]);
});

test("where the start of a cluster was cut off, the machine may join another control plane's instead", async () => {
  put("kubeadm-fails");
  await assert.rejects(init());
  rmSync(at("kubeadm-fails"));
  await joinAs("controlPlane");
  assert.deepEqual([did("kubeadm reset"), did("kubeadm join")], [1, 1]);
  await joinAs("controlPlane");
  assert.deepEqual([did("kubeadm reset"), did("kubeadm join"), did("kjerne-register-again")], [0, 0, 1]);
});

for (const kind of ["worker", "controlPlane"] as const) {
  test(`a join (${kind}) that was cut off starts over, and one that ended is never reset but registers again`, async () => {
    put("kubeadm-fails");
    await assert.rejects(joinAs(kind));
    assert.equal(did("kubeadm reset"), 0);
    rmSync(at("kubeadm-fails"));
    await joinAs(kind);
    const configured = kind === "controlPlane" ? 1 : 0;
    assert.deepEqual(
      [did("kubeadm reset"), did("kubeadm join"), did("kjerne-configure-control-plane")],
      [1, 1, configured],
    );
    await joinAs(kind);
    assert.deepEqual([did("kubeadm reset"), did("kubeadm join"), did("kjerne-register-again")], [0, 0, 1]);
  });
}

test("roles that change places reset nobody: who started a cluster joins none, and who joined one starts none", async () => {
  await init();
  await joinAs("controlPlane");
  assert.deepEqual([did("kubeadm reset"), did("kubeadm join"), did("kjerne-register-again")], [0, 0, 1]);
  await asRoot("rm", at("var/lib/kjerne/control-plane"), at("var/lib/kjerne/init-began"));
  put("var/lib/kjerne/joined");
  await init();
  assert.deepEqual([did("kubeadm reset"), did("kubeadm init"), did("kjerne-register-again")], [0, 0, 1]);
});

test("a machine with a restored backup starts its cluster from it: no run resets it, not even after one that was cut off", async () => {
  put("var/lib/kjerne/restored", "{}");
  await assert.rejects(init(), /kjerne-restore was cut off .* before etcd's data were there: run it again/);
  put("var/lib/etcd/member/snap/db", "of the backup");
  put("etc/kubernetes/pki/sa.key", "of the backup");
  put("kubeadm-fails");
  await assert.rejects(init());
  rmSync(at("kubeadm-fails"));
  await init();
  assert.deepEqual([did("kubeadm reset"), did("kjerne-configure-control-plane --made")], [0, 1]);
  assert.deepEqual(
    calls.filter((call) => call.startsWith("kubeadm init")).map((call) => call.split(" ").slice(-2)),
    [["--ignore-preflight-errors", "DirAvailable--var-lib-etcd"]],
  );
  for (const path of ["var/lib/etcd/member/snap/db", "etc/kubernetes/pki/sa.key"])
    assert.equal(readFileSync(at(path), "utf8"), "of the backup");
});
