import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import type { OperatorSpec } from "../../components/cluster/cluster-args";
import { bindingOf } from "../../components/cluster/operator";
import { run } from "../../tools/run";
import { type ControlPlane, startControlPlane } from "./control-plane";

const script = join(__dirname, "../../node-config/kubeadm/operator.sh");
let controlPlane: ControlPlane;
before(async () => {
  controlPlane = await startControlPlane();
});
after(() => controlPlane.stop());

type Kubectl = ControlPlane["kubectl"];

/** Makes a certificate as the script does on a control plane, and binds its user as the stack does. */
async function admit(operator: OperatorSpec): Promise<Kubectl> {
  const { binDirectory, kubeconfig } = controlPlane;
  const [subject] = bindingOf(operator).subjects;
  const env = {
    ...process.env,
    PATH: `${binDirectory}:${process.env.PATH}`,
    KUBEADM_CONFIG: join(dirname(kubeconfig), "kubeadm.yaml"),
  };
  const input = JSON.stringify({ user: subject?.name, hours: 720 });
  const printed = JSON.parse(await run("bash", [script], { input, env }));
  const file = join(dirname(kubeconfig), `${operator.name}-${operator.certificate ?? 1}.conf`);
  await writeFile(file, printed.kubeconfig, { mode: 0o600 });
  await bind(operator);
  return (args, input) => run(join(binDirectory, "kubectl"), ["--kubeconfig", file, ...args], { input });
}

const manifest = (operator: OperatorSpec) =>
  JSON.stringify({ apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRoleBinding", ...bindingOf(operator) });
const bind = (operator: OperatorSpec) =>
  controlPlane.kubectl(["apply", "--server-side", "--filename", "-"], manifest(operator));
const lockOut = (operator: OperatorSpec) => controlPlane.kubectl(["delete", "--filename", "-"], manifest(operator));

const forbidden = /Forbidden/;
const whoami = async (kubectl: Kubectl) =>
  JSON.parse(await kubectl(["auth", "whoami", "--output", "json"])).status.userInfo;

test("an operator has a name of their own, no group that gives rights, and the rights of their role alone", async () => {
  const anna = await admit({ name: "anna", clusterRole: "view" });
  const { username, groups } = await whoami(anna);
  assert.equal(username, "kjerne:operator:anna:1");
  assert.deepEqual(groups, ["system:authenticated"]);
  await anna(["get", "pods", "--all-namespaces"]);
  await assert.rejects(anna(["get", "secrets", "--all-namespaces"]), forbidden);
  await assert.rejects(anna(["create", "namespace", "annas"]), forbidden);
});

test("an operator who is locked out may do nothing at once, while others go on", async () => {
  const bjorn = { name: "bjorn", clusterRole: "cluster-admin" };
  const [asBjorn, asCecilie] = [await admit(bjorn), await admit({ name: "cecilie", clusterRole: "edit" })];
  await asBjorn(["get", "nodes"]);
  await lockOut(bjorn);
  await assert.rejects(asBjorn(["get", "nodes"]), forbidden);
  await asCecilie(["get", "pods"]);
});

test("a certificate of an earlier number may do nothing, whatever the next one may", async () => {
  const lost = await admit({ name: "dag", clusterRole: "view" });
  const found = await admit({ name: "dag", clusterRole: "view", certificate: 2 });
  await found(["get", "pods"]);
  await assert.rejects(lost(["get", "pods"]), forbidden);
});

test("an operator's certificate ends after its hours", async () => {
  const kubectl = await admit({ name: "eva", clusterRole: "view" });
  const view = JSON.parse(await kubectl(["config", "view", "--raw", "--output", "json"]));
  const pem = Buffer.from(view.users[0].user["client-certificate-data"], "base64").toString();
  const end = Date.parse((await run("openssl", ["x509", "-noout", "-enddate"], { input: pem })).split("=")[1] ?? "");
  const days = (end - Date.now()) / 86_400_000;
  assert.ok(days > 29.9 && days <= 30, `${days} days`);
});
