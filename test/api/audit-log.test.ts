import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until } from "../../tools/lab/until";
import { certificateRequest, extensions, kubeletSubject, names } from "./certificate-request";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { kubectlAs } from "./user";
import { own } from "./wrong-requests";

const policy = join(__dirname, "../../node-config/control-plane/etc/kubernetes/kjerne/audit-policy.yaml");

let controlPlane: ControlPlane;
let directory: string;
let log: string;
let asController: ControlPlane["kubectl"];
let asScheduler: ControlPlane["kubectl"];
let asNode: ControlPlane["kubectl"];

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "kjerne-audit-log-"));
  log = join(directory, "audit.log");
  controlPlane = await startControlPlane({ "audit-policy-file": policy, "audit-log-path": log });
  asController = await kubectlAs(controlPlane, "system:kube-controller-manager");
  asScheduler = await kubectlAs(controlPlane, "system:kube-scheduler");
  asNode = await kubectlAs(controlPlane, "system:node:worker1", ["system:nodes"]);
});
after(async () => {
  await controlPlane?.stop();
  await rm(directory, { recursive: true, force: true });
});

interface Entry {
  readonly level: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly name?: string };
  readonly requestObject?: unknown;
  readonly responseObject?: unknown;
}

async function entries(): Promise<readonly Entry[]> {
  const lines = (await readFile(log, "utf8")).split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

let asked = 0;

type Kubectl = ControlPlane["kubectl"];
const asAdministrator: Kubectl = (args, stdin) => controlPlane.kubectl(args, stdin);

/** The entries that a kubectl leaves, also where the API server refuses it. */
async function entriesOf(args: readonly string[], stdin?: string, kubectl = asAdministrator) {
  const mark = (await entries()).length;
  await kubectl(args, stdin).catch(() => undefined);
  // The log is written in the order of answers: once this is noted, so is everything before it.
  const last = `mark-${asked++}`;
  await controlPlane.kubectl(["create", "namespace", last, "--dry-run=server"]);
  let found: readonly Entry[] = [];
  await until(`the entry of ${last}`, 30, async () => {
    const all = (await entries()).slice(mark);
    const end = all.findIndex(({ objectRef }) => objectRef?.name === last);
    found = all.slice(0, end);
    return end >= 0;
  });
  return found.filter(({ userAgent }) => userAgent?.startsWith("kubectl"));
}

const of = (resource: string, subresource?: string) => (entry: Entry) =>
  entry.objectRef?.resource === resource && entry.objectRef.subresource === subresource;
const controllers: Kubectl = (args, stdin) => asController(args, stdin);
const scheduler: Kubectl = (args, stdin) => asScheduler(args, stdin);
const node: Kubectl = (args, stdin) => asNode(args, stdin);
const pod = "/api/v1/namespaces/default/pods/web";
const raw = (path: string) => ["get", "--raw", path];
const post = (path: string) => ["create", "--raw", path, "--filename", "-"];

const token = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: {} });
const service = "/api/v1/namespaces/default/services/web/proxy/";
const accounts = "/api/v1/namespaces/default/serviceaccounts/default/token";

/** [what is done, how, its entry, what it sends, as whom] */
const noted: readonly [string, readonly string[], (entry: Entry) => boolean, string?, Kubectl?][] = [
  ["a list of Secrets by the controller manager", ["get", "secrets", "-A"], of("secrets"), "", controllers],
  ["a list of Secrets by the scheduler", ["get", "secrets", "-A"], of("secrets"), "", scheduler],
  ["a list of Secrets by a node", ["get", "secrets", "-A"], of("secrets"), "", node],
  ["a list of Secrets", ["get", "secrets", "--all-namespaces"], of("secrets")],
  ["one Secret", ["get", "secret", "any"], of("secrets")],
  ["a kubelet's own port through the API server", raw("/api/v1/nodes/worker1/proxy/pods"), of("nodes", "proxy")],
  ["a node's reading of another node's port", raw("/api/v1/nodes/cp1/proxy/pods"), of("nodes", "proxy"), "", node],
  ["a pod's port through the API server", raw(`${pod}/proxy/`), of("pods", "proxy")],
  ["a Service through the API server", raw(service), of("services", "proxy")],
  ["a pod's log", raw(`${pod}/log`), of("pods", "log")],
  ["a pod's log, read by a component of the system", raw(`${pod}/log`), of("pods", "log"), "", controllers],
  ["a command in a pod", post(`${pod}/exec?command=id&stdout=true`), of("pods", "exec"), ""],
  ["a command in a pod by GET", raw(`${pod}/exec?command=id&stdout=true`), of("pods", "exec")],
  ["a pod's terminal", raw(`${pod}/attach?stdout=true`), of("pods", "attach")],
  ["a port of a pod", raw(`${pod}/portforward?ports=80`), of("pods", "portforward")],
  ["a token of a service account", post(accounts), of("serviceaccounts", "token"), token],
  ["a node's token of a service account", post(accounts), of("serviceaccounts", "token"), token, node],
  ["a list of pods by a person", ["get", "pods"], of("pods")],
  ["a person's reading under another name", ["get", "configmaps", "--as", "somebody"], of("configmaps")],
  ["a change of rights", ["create", "clusterrole", "reader", "--verb=get", "--resource=pods"], of("clusterroles")],
  ["a deletion of an event", ["delete", "event", "web.1"], of("events")],
];

for (const [what, args, entry, stdin, as] of noted) {
  test(`the audit log has an entry of ${what}`, async () => {
    const found = await entriesOf(args, stdin, as);
    assert.ok(found.some(entry), JSON.stringify(found, null, 1));
  });
}

test("the audit log says who asks in whose name, also where a node may read in its own", async () => {
  const as = ["--as", "system:node:worker1", "--as-group", "system:nodes"];
  const entry = (await entriesOf(["get", "pods", ...as])).find(of("pods"));
  assert.equal(entry?.impersonatedUser?.username, "system:node:worker1");
  assert.equal(entry?.user.username, "kubernetes-super-admin");
});

test("the audit log never has what a Secret holds", async () => {
  const value = "only-in-the-Secret";
  const secret = (verb: string) =>
    JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: "bank" }, stringData: { [verb]: value } });
  const found = [
    ...(await entriesOf(["create", "--filename", "-"], secret("create"))),
    ...(await entriesOf(["apply", "--server-side", "--force-conflicts", "--filename", "-"], secret("apply"))),
    ...(await entriesOf(["get", "secret", "bank", "--output", "yaml"])),
    ...(await entriesOf(["create", "token", "default"])),
  ];
  assert.ok(found.filter(of("secrets")).length >= 3);
  const bodies = found.filter(({ requestObject, responseObject }) => requestObject ?? responseObject);
  assert.deepEqual(bodies, []);
  const text = await readFile(log, "utf8");
  assert.ok(!text.includes(value) && !text.includes(Buffer.from(value).toString("base64")));
});

test("the audit log tells an approved certificate request from a denied one", async () => {
  const request = certificateRequest({ subject: kubeletSubject("worker1"), attributes: [extensions(names(...own))] });
  const object = {
    apiVersion: "certificates.k8s.io/v1",
    kind: "CertificateSigningRequest",
    metadata: { name: "worker1" },
    spec: {
      request: Buffer.from(request).toString("base64"),
      signerName: "kubernetes.io/kubelet-serving",
      usages: ["digital signature", "server auth"],
    },
  };
  await entriesOf(["create", "--filename", "-"], JSON.stringify(object), node);
  const found = await entriesOf(["certificate", "deny", "worker1"]);
  const entry = found.find(of("certificatesigningrequests", "approval"));
  assert.match(JSON.stringify(entry?.requestObject), /"type":"Denied"/);
});

const noise: readonly [string, readonly string[], Kubectl?, string?][] = [
  ["a node's look at its pods", ["get", "pods", "--all-namespaces"], node],
  ["a component's look at nodes", ["get", "nodes"], controllers],
  ["health", raw("/readyz")],
  ["what a client asks first", raw("/api")],
  ["an event", ["create", "--filename", "-"], asAdministrator, event()],
];

for (const [what, args, as, stdin] of noise) {
  test(`the audit log leaves out ${what}`, async () => assert.deepEqual(await entriesOf(args, stdin, as), []));
}

function event(): string {
  const involvedObject = { kind: "Pod", name: "web", namespace: "default" };
  const metadata = { name: "web.1", namespace: "default" };
  return JSON.stringify({ apiVersion: "v1", kind: "Event", metadata, involvedObject, reason: "Test" });
}
