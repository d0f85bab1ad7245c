import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { until } from "../../tools/lab/until";
import { asRoot, rootCommand, run } from "../../tools/run";
import { cp1, worker1 } from "../unit/cluster-samples";
import { type ControlPlane, startControlPlane } from "./control-plane";

const repository = join(__dirname, "../..");
const script = join(repository, "node-config/control-plane/usr/local/sbin/kjerne-csr-approver");

let controlPlane: ControlPlane;
let machine: string;
let approver: ChildProcess;
/** What the approver wrote to its journal, a line at a time. */
const journal: string[] = [];

/** The script as a control plane runs it; what it reads below /etc lies over this machine's. */
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
    PATH="$1:$PATH" bash "$2" &
    cat`;
  const [program, ...argv] = rootCommand(["unshare", "--mount", "--pid", "--fork", "bash", "-euc", entered]);
  approver = spawn(program, [...argv, machine, controlPlane.binDirectory, script], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  assert.ok(approver.stderr);
  createInterface({ input: approver.stderr }).on("line", (line) => journal.push(line));
}

interface Asked {
  /** Subject, as `openssl req` takes it. @default - the user's own, as a kubelet writes it */
  readonly subject?: string;
  /** Alternative names, as `openssl req` takes them; none where empty. */
  readonly names: string;
  /** Who asks. @default the kubelet of worker1 */
  readonly user?: string;
  readonly groups?: readonly string[];
  /** @default - what a kubelet asks for */
  readonly usages?: readonly string[];
  /** @default kubernetes.io/kubelet-serving */
  readonly signerName?: string;
}

const kubelet = (node: string) => `system:node:${node}`;
let requests = 0;

/** Makes a certificate request and hands it to the API server as that user does; gives the object's name. */
async function ask(asked: Asked): Promise<string> {
  const { names, user = kubelet("worker1"), groups = ["system:nodes"], signerName, usages } = asked;
  const { subject = `/O=system:nodes/CN=${user}` } = asked;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", "/dev/null"];
  const extension = names ? ["-addext", `subjectAltName=${names}`] : [];
  const request = await run("openssl", ["req", "-new", ...key, "-subj", subject, ...extension]);
  const name = `request-${requests++}`;
  const object = {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name },
    spec: {
      request: Buffer.from(request).toString("base64"),
      signerName: signerName ?? "kubernetes.io/kubelet-serving",
      usages: usages ?? ["digital signature", "server auth"],
    },
  };
  const as = ["--as", user, ...groups.flatMap((group) => ["--as-group", group])];
  await controlPlane.kubectl(["create", "--filename", "-", ...as], JSON.stringify(object));
  return name;
}

const own = "DNS:worker1,IP:10.20.0.21";

async function conditionsOf(name: string): Promise<string[]> {
  const request = JSON.parse(await controlPlane.kubectl(["get", "csr", name, "--output", "json"]));
  return (request.status.conditions ?? []).map(({ type }: { type: string }) => type);
}

const linesOn = (name: string) => journal.filter((line) => line.startsWith(`${name}: `));

async function approved(name: string): Promise<void> {
  await controlPlane.kubectl(["wait", "--for=condition=Approved", `csr/${name}`, "--timeout=60s"]).catch((error) => {
    throw new Error(`${error.message}\nThe approver said: ${journal.join("\n") || "nothing"}`);
  });
}

test("a kubelet that asked before the approver started gets its certificate approved", async () => {
  const name = await ask({ names: own });
  assert.deepEqual(await conditionsOf(name), []);
  startApprover();
  await approved(name);
});

test("a declared node's own name and address are approved, and once more when it renews", async () => {
  await approved(await ask({ names: own }));
  await approved(await ask({ names: "IP:10.20.0.11,DNS:cp1", user: kubelet("cp1") }));
  const rsa = ["digital signature", "key encipherment", "server auth"];
  await approved(await ask({ names: own, usages: rsa }));
});

const otherNames = /: names other than worker1 and 10\.20\.0\.21; left pending$/;
const noKubelet = /, which is no kubelet; left pending$/;
const masters = ["system:masters"]; // They may make a request whatever their name is.

const refused: readonly [string, Asked, RegExp][] = [
  ["a name that is no node's", { names: "DNS:bank.example,IP:10.20.0.21" }, otherNames],
  ["another node's name", { names: "DNS:cp1,IP:10.20.0.21" }, otherNames],
  ["another node's name and address", { names: "DNS:cp1,IP:10.20.0.11" }, otherNames],
  ["a name that begins with its own", { names: "DNS:worker1.bank.example,IP:10.20.0.21" }, otherNames],
  ["every name", { names: "DNS:*,IP:10.20.0.21" }, otherNames],
  ["a foreign address", { names: "DNS:worker1,IP:10.20.0.99" }, otherNames],
  ["the API server's name beside its own", { names: `${own},DNS:kubernetes.default.svc` }, otherNames],
  ["another address beside its own", { names: `${own},IP:10.96.0.1` }, otherNames],
  ["its address as a name", { names: "DNS:worker1,DNS:10.20.0.21" }, otherNames],
  ["its name without its address", { names: "DNS:worker1" }, otherNames],
  ["its address without its name", { names: "IP:10.20.0.21" }, otherNames],
  ["no name at all", { names: "" }, otherNames],
  ["a URI beside its own", { names: `${own},URI:spiffe://cluster.local/ns/default` }, otherNames],
  ["a mail address beside its own", { names: `${own},email:root@bank.example` }, otherNames],
  [
    "usage as a client",
    { names: own, usages: ["digital signature", "client auth"] },
    /asked for by .*"client auth".*, which is no kubelet; left pending$/,
  ],
  ["usage as a client beside that as a server", { names: own, usages: ["server auth", "client auth"] }, noKubelet],
  ["usage to sign others", { names: own, usages: ["server auth", "cert sign"] }, noKubelet],
  ["a user who has a node's name and is no kubelet", { names: own, user: "worker1", groups: masters }, noKubelet],
  ["a kubelet's user outside the group of nodes", { names: own, groups: masters }, noKubelet],
  [
    "the kubelet of a node that nobody declared",
    { names: "DNS:worker9,IP:10.20.0.29", user: kubelet("worker9") },
    /: worker9 is not a declared node; left pending$/,
  ],
  [
    "an administrator who asks in a node's name",
    { names: own, subject: `/O=system:nodes/CN=${kubelet("worker1")}`, user: "admin", groups: masters },
    /: admin is not a declared node; left pending$/,
  ],
];

for (const [what, asked, words] of refused) {
  test(`left pending, with a line in the journal: ${what}`, async () => {
    const name = await ask(asked);
    await until(`the approver's answer to ${name}`, 60, async () => {
      return linesOn(name).length > 0 || (await conditionsOf(name)).length > 0;
    });
    assert.deepEqual(await conditionsOf(name), []);
    assert.match(linesOn(name).join("\n"), words);
  });
}

test("a request to another signer is not the approver's", async () => {
  const client = { signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"] };
  const name = await ask({ names: own, ...client });
  await approved(await ask({ names: own }));
  assert.deepEqual(await conditionsOf(name), []);
  assert.deepEqual(linesOn(name), []);
});

test("the approver leaves it to the API server to refuse a kubelet that asks in another node's name", async () => {
  await assert.rejects(ask({ names: own, subject: `/O=system:nodes/CN=${kubelet("cp1")}` }), /system:node:worker1/);
});
