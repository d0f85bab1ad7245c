import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { until } from "../../tools/lab/until";
import { asRoot, rootCommand } from "../../tools/run";
import { cp1, worker1 } from "../unit/cluster-samples";
import { certificateRequest, dns, extensions, ip, kubeletSubject, names, rsaKey } from "./certificate-request";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { type Asked, kubelet, named, otherNames, own, refused } from "./wrong-requests";

const repository = join(__dirname, "../..");
const approve = join(repository, "node-config/control-plane/usr/local/sbin/kjerne-csr-approver");

let controlPlane: ControlPlane;
let machine: string;
let approver: ChildProcess;
/** What the approver wrote to its journal, a line at a time. */
const journal: string[] = [];

/** The program as a control plane runs it; what it reads below /etc lies over this machine's. */
before(async () => {
  controlPlane = await startControlPlane();
  machine = await mkdtemp(join(tmpdir(), "kjerne-csr-approver-"));
  const kubernetes = join(machine, "etc/kubernetes");
  await mkdir(join(kubernetes, "kjerne"), { recursive: true });
  await mkdir(join(machine, "overlay"));
  await cp(controlPlane.kubeconfig, join(kubernetes, "admin.conf"));
  await controlPlane.kubectl(
    ["apply", "--server-side", "--filename", "-"],
    JSON.stringify({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "kjerne-nodes", namespace: "kube-system" },
      data: { cp1: cp1.address, worker1: worker1.address },
    }),
  );
});
after(async () => {
  approver?.stdin?.end();
  if (approver) await once(approver, "close");
  await controlPlane.stop();
  await asRoot("rm", "--recursive", "--force", machine);
});

/** Starts the approver. It ends with its stdin, and all that it started with it: it is alone with them in its namespace. */
function startApprover(): void {
  const entered = `
    mount --types overlay overlay --options "lowerdir=/etc,upperdir=$0/etc,workdir=$0/overlay" /etc
    PATH="$1:/usr/bin:$PATH" "$2" &
    cat`;
  const [program, ...argv] = rootCommand(["unshare", "--mount", "--pid", "--fork", "bash", "-euc", entered]);
  approver = spawn(program, [...argv, machine, controlPlane.binDirectory, approve], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  assert.ok(approver.stderr);
  createInterface({ input: approver.stderr }).on("line", (line) => journal.push(line));
}

let requests = 0;

/** Makes a certificate request and hands it to the API server as that user does; gives the object's name. */
async function ask(asked: Asked = {}): Promise<string> {
  const { user = kubelet("worker1"), groups = ["system:nodes"], expirationSeconds } = asked;
  const { attributes = [extensions(names(...own))], usages = ["digital signature", "server auth"] } = asked;
  const { request = certificateRequest({ subject: kubeletSubject("worker1"), ...asked, attributes }) } = asked;
  const { signerName = "kubernetes.io/kubelet-serving" } = asked;
  const name = `request-${requests++}`;
  const object = {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name },
    spec: { request: Buffer.from(request, "latin1").toString("base64"), signerName, usages, expirationSeconds },
  };
  const as = ["--as", user, ...groups.flatMap((group) => ["--as-group", group])];
  await controlPlane.kubectl(["create", "--filename", "-", ...as], JSON.stringify(object));
  return name;
}

interface Condition {
  readonly type: string;
  readonly message: string;
}

async function conditionsOf(name: string): Promise<readonly Condition[]> {
  const request = JSON.parse(await controlPlane.kubectl(["get", "csr", name, "--output", "json"]));
  return request.status.conditions ?? [];
}

/** The first answer to a request. */
async function answerTo(name: string): Promise<Condition> {
  const answers: Condition[] = [];
  const happened = until(`the approver's answer to ${name}`, 60, async () => {
    answers.push(...(await conditionsOf(name)));
    return answers.length > 0;
  });
  await happened.catch((cause) => {
    throw new Error(`The approver said: ${journal.join("\n") || "nothing"}`, { cause });
  });
  return answers[0] as Condition;
}

async function approved(name: string): Promise<void> {
  const { type, message } = await answerTo(name);
  assert.equal(type, "Approved", message);
}

test("a kubelet that asked before the approver started gets its certificate approved", async () => {
  const name = await ask();
  assert.deepEqual(await conditionsOf(name), []);
  startApprover();
  await approved(name);
});

test("a declared node's own name and address are approved, and once more when it renews", async () => {
  await approved(await ask());
  await approved(await ask({ ...named(...[...own].reverse()), expirationSeconds: 86400 }));
  await approved(
    await ask({ ...named(ip(10, 20, 0, 11), dns("cp1")), user: kubelet("cp1"), subject: kubeletSubject("cp1") }),
  );
  const usages = ["digital signature", "key encipherment", "server auth"];
  await approved(await ask({ usages, key: rsaKey(2048) }));
});

for (const [what, asked, words] of refused) {
  test(`no certificate for a request with ${what}`, async () => {
    const name = await ask(asked).catch((refusal: Error) => {
      // Before it is an object, the API server parses it and compares who asks with the subject.
      assert.match(refusal.message, /is invalid|Forbidden|forbidden/);
    });
    if (!name) return;
    const { type, message } = await answerTo(name);
    assert.equal(type, "Denied");
    assert.match(message, words);
    // Its line comes by a pipe, the answer by the API server: either may be first.
    await until(`the journal's line on ${name}`, 30, async () =>
      journal.some((one) => one.startsWith(`${name}: Denied: `)),
    );
  });
}

/** Declares nodes; null takes one away. */
async function declared(data: Readonly<Record<string, string | null>>): Promise<void> {
  const patch = JSON.stringify({ data });
  await controlPlane.kubectl(["patch", "configmap", "kjerne-nodes", "--namespace", "kube-system", "--patch", patch]);
}

test("a removed node's request is denied, and stays so when a node of its name comes", async () => {
  const worker2 = {
    ...named(dns("worker2"), ip(10, 20, 0, 22)),
    user: kubelet("worker2"),
    subject: kubeletSubject("worker2"),
  };
  await declared({ worker2: "10.20.0.22" });
  await approved(await ask(worker2));
  await declared({ worker2: null });
  const removed = await ask(worker2);
  assert.match((await answerTo(removed)).message, /which is not a declared node/);
  await declared({ worker2: "10.20.0.22" });
  await approved(await ask(worker2));
  assert.deepEqual(
    (await conditionsOf(removed)).map(({ type }) => type),
    ["Denied"],
  );
});

test("what a kubelet of Kubernetes 1.36 asked for as worker1 at 10.77.2.21 is approved for a node of that address alone", async () => {
  const request = await readFile(join(__dirname, "recorded-request.pem"), "latin1");
  assert.match((await answerTo(await ask({ request }))).message, otherNames);
  await declared({ worker1: "10.77.2.21" });
  await approved(await ask({ request }));
  await declared({ worker1: worker1.address });
});

test("a request to another signer is not the approver's", async () => {
  const name = await ask({ signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"] });
  await approved(await ask());
  assert.deepEqual(await conditionsOf(name), []);
});

test("the approver leaves it to the API server to refuse a kubelet that asks in another node's name", async () => {
  await assert.rejects(ask({ subject: kubeletSubject("cp1") }), /system:node:worker1/);
});
