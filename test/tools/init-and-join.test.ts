import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { asRoot } from "../../tools/run";
import { at, calls, cp1Joining, fresh, init, joinAs, put, script } from "./played-kubeadm";

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

test("no cluster begins while an API answers at the endpoint, of whichever control planes; what a cut-off run began may", async () => {
  const endpoint = () => put("etc/kubernetes/kjerne/kubeadm.yaml", "controlPlaneEndpoint: 127.0.0.7:6443\n");
  endpoint();
  await refused(
    init("127.0.0.7"),
    /an API answers at kubernetes\.endpoint \(127\.0\.0\.7:6443\) already, and none of the control planes in kjerne:nodes/,
  );
  put("kubeadm-fails");
  await assert.rejects(init());
  rmSync(at("kubeadm-fails"));
  await init("127.0.0.7");
  assert.equal(did("kubeadm init"), 1);
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

test("the first control plane on a fresh machine joins the cluster that the others have, and is not reset afterwards", async () => {
  const join = () => script("init", cp1Joining(), "127.0.0.2");
  put("kubeadm-fails");
  await assert.rejects(join());
  rmSync(at("kubeadm-fails"));
  assert.match(JSON.parse(await join()).caHash, /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual(
    ["kubeadm reset", "kubeadm join", "kubeadm init", "kjerne-configure-control-plane --made"].map(did),
    [1, 1, 0, 1],
  );
  await join();
  assert.deepEqual([did("kubeadm reset"), did("kubeadm join"), did("kjerne-register-again")], [0, 0, 1]);
});

for (const trace of traces) {
  test(`the first control plane that has /${trace} of another cluster does not join the one that the others have`, async () => {
    put(trace, "theirs");
    await refused(script("init", cp1Joining()), /must join, and it has data of a cluster/);
    assert.equal(readFileSync(at(trace), "utf8"), "theirs");
  });
}

test("a backup that was put on the first control plane is not given up for the cluster that the others have", async () => {
  put("var/lib/kjerne/restored", "{}");
  await refused(script("init", cp1Joining(), "127.0.0.2"), /cp2 at 127\.0\.0\.2 serves an API already/);
});

test("kubeadm waits until the container runtime answers", async () => {
  for (const run of [init, () => joinAs("worker")]) {
    put("runtime-starts");
    await run();
    assert.equal(did("crictl info"), 2);
    await fresh();
  }
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
