import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { denyAll } from "../../components/security/network-policies";
import { run } from "../../tools/run";
import { type ControlPlane, startControlPlane } from "./control-plane";

const script = join(__dirname, "../../node-config/kubeadm/own-namespaces.sh");
let controlPlane: ControlPlane;
before(async () => {
  controlPlane = await startControlPlane();
  await apply("kubectl", namespace("labelled", "oslo"), namespace("of-bergen", "bergen"), namespace("theirs"));
  await apply("kubectl", namespace("denied-by-hand"), denyAll("denied-by-hand"));
  await apply("pulumi-kubernetes-1f3a", namespace("older-release"), denyAll("older-release"));
  await apply("pulumi-kubernetes-1f3a", namespace("of-another-stack"));
});
after(() => controlPlane.stop());

const namespace = (name: string, cluster?: string) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name, ...(cluster ? { labels: { "kjerne.io/cluster": cluster } } : {}) },
});
const apply = (manager: string, ...items: readonly object[]) =>
  controlPlane.kubectl(
    ["apply", "--server-side", "--field-manager", manager, "--filename", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  );

/** Asks for these, for cluster oslo, as the stack does on a control plane before it makes them. */
function ask(...namespaces: readonly string[]): Promise<string> {
  const { binDirectory, kubeconfig } = controlPlane;
  const env = { ...process.env, PATH: `${binDirectory}:${process.env.PATH}`, KUBECONFIG: kubeconfig };
  return run("bash", [script], { input: JSON.stringify({ cluster: "oslo", namespaces }), env });
}

test("a namespace that is not there, that this cluster made, or that an older release made, is free to use", async () => {
  await ask("new", "labelled", "older-release");
});

for (const [name, reason] of [
  ["of-bergen", /namespace of-bergen is here already, and cluster bergen made it/],
  ["theirs", /namespace theirs is here already, and somebody else made it/],
  ["denied-by-hand", /namespace denied-by-hand is here already, and somebody else made it/],
  ["of-another-stack", /namespace of-another-stack is here already, and somebody else made it/],
] as const) {
  test(`namespace ${name} is refused`, () => assert.rejects(ask("new", name), reason));
}

test("all that are refused are named at once, with a command that hands one over, which works", async () => {
  const refusal = await ask("theirs", "of-bergen").then(
    () => "",
    (error) => `${error}`,
  );
  assert.match(refusal, /namespace of-bergen[\s\S]*namespace theirs/);
  const [, command = ""] = refusal.match(/kubectl (label --overwrite namespace NAME \S+)/) ?? [];
  await controlPlane.kubectl(command.replace("NAME", "theirs").split(" "));
  await ask("theirs");
});
