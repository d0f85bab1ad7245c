import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { parse, parseAllDocuments, stringify } from "yaml";
import { access, controllerArguments, kinds, pool } from "../../components/network/metallb-objects";
import { goYaml } from "../../node-config/go-yaml";
import { untilSucceeds } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { calicoFiles } from "../../tools/supply/calico-files";
import { buildGoModule } from "../../tools/supply/go-module";
import { metallb } from "../../tools/supply/recipes/modules";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { end } from "./processes";

const script = join(__dirname, "../../node-config/kubeadm/addresses-in-use.sh");
let controlPlane: ControlPlane;
let controller: ChildProcess;

const apply = (...items: readonly object[]) =>
  controlPlane.kubectl(
    ["apply", "--server-side", "--field-manager", "kjerne", "--force-conflicts", "--filename", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  );
const definedAs = (name: string) =>
  controlPlane.kubectl(["wait", "--for", "condition=Established", `customresourcedefinition/${name}`]);

/** MetalLB's own program, with the rights of its ServiceAccount and no others. */
async function startController(): Promise<void> {
  const account = ["create", "token", "metallb-controller", "--namespace", "kube-system"];
  const config = parse(await readFile(controlPlane.kubeconfig, "utf8"));
  config.users[0].user = { token: (await controlPlane.kubectl(account)).trim() };
  const kubeconfig = join(dirname(controlPlane.kubeconfig), "metallb.conf");
  await writeFile(kubeconfig, stringify(config), { mode: 0o600 });
  const program = join(await buildGoModule(metallb, console.error), "controller");
  const given = controllerArguments.map((argument) => argument.replace(/^--port=.*/, "--port=0"));
  controller = spawn("setpriv", ["--pdeathsig", "KILL", program, ...given, `--kubeconfig=${kubeconfig}`], {
    stdio: "ignore",
  });
}

before(async () => {
  controlPlane = await startControlPlane();
  const manifest = parseAllDocuments(await readFile((await calicoFiles()).manifest, "utf8"), goYaml);
  const named = "bgpconfigurations.crd.projectcalico.org";
  const definition = manifest.map((document) => document.toJS()).find((one) => one?.metadata?.name === named);
  await apply(definition, ...kinds);
  for (const { metadata } of [definition, ...kinds]) await definedAs(metadata.name);
  await apply(pool(["10.80.0.0/30", "10.81.0.0/30"]), ...access, announced("10.80.0.0/30", "10.81.0.0/30"));
  await controlPlane.kubectl(["create", "namespace", "shop"]);
  await startController();
});
after(async () => {
  if (controller) await end(controller);
  await controlPlane.stop();
});

const announced = (...cidrs: readonly string[]) => ({
  apiVersion: "crd.projectcalico.org/v1",
  kind: "BGPConfiguration",
  metadata: { name: "default" },
  spec: { serviceLoadBalancerIPs: cidrs.map((cidr) => ({ cidr })) },
});
const service = (name: string, more: object = {}, annotations = {}) => ({
  ...{ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "shop", annotations } },
  spec: { type: "LoadBalancer", allocateLoadBalancerNodePorts: false, ports: [{ port: 80 }], ...more },
});
const addressOf = async (name: string): Promise<string | undefined> => {
  const found = JSON.parse(await controlPlane.kubectl(["get", "service", name, "-n", "shop", "-o", "json"]));
  return found.status.loadBalancer.ingress?.[0]?.ip;
};
const untilGiven = (name: string) =>
  untilSucceeds(`an address of ${name}`, 60, async () => assert.ok(await addressOf(name)));

/** Asks as the stack does on a control plane before it changes anything of Calico's. */
function ask(cidrs: readonly string[], by = "metallb"): Promise<string> {
  const { binDirectory, kubeconfig } = controlPlane;
  const env = { ...process.env, PATH: `${binDirectory}:${process.env.PATH}`, KUBECONFIG: kubeconfig };
  return run("bash", [script], { input: JSON.stringify({ cidrs, by }), env });
}

test("a Service gets an address, none that ends in .0, with the rights that the controller has", async () => {
  await apply(service("web"));
  await untilGiven("web");
  assert.equal(await addressOf("web"), "10.80.0.1");
});

test("a Service that names a class of somebody else's gets none", async () => {
  await apply(service("theirs", { loadBalancerClass: "example.com/lb" }), service("next"));
  await untilGiven("next");
  assert.equal(await addressOf("theirs"), undefined);
});

test("addresses stay when the controller starts anew", async () => {
  const before = [await addressOf("web"), await addressOf("next")];
  await end(controller);
  await startController();
  await apply(service("third"));
  await untilGiven("third");
  assert.deepEqual([await addressOf("web"), await addressOf("next")], before);
});

test("networks stay, or go, while no Service has an address there", async () => {
  await ask(["10.80.0.0/30", "10.81.0.0/30"]);
  await ask(["10.80.0.0/29"]);
});

test("a network does not go while a Service has an address there, and all such Services are named with what to do", async () => {
  const refusal = await ask(["10.81.0.0/30"]).then(
    () => "",
    (error) => `${error}`,
  );
  for (const name of ["web", "next", "third"])
    assert.match(refusal, new RegExp(`Service shop/${name} has 10\\.80\\.0\\.\\d, which no network of`));
  assert.match(refusal, /delete it, or ask for one with spec\.loadBalancerIP/);
});

test("Calico does not take over from MetalLB before each Service asks for the address that it has, by the command that is told", async () => {
  const both = ["10.80.0.0/30", "10.81.0.0/30"];
  const refusal = await ask(both, "calico").then(
    () => "",
    (error) => `${error}`,
  );
  const commands = [...refusal.matchAll(/kubectl (--namespace shop annotate .*)/g)].map(([, words = ""]) => words);
  assert.equal(commands.length, 3, refusal);
  const { kubeconfig } = controlPlane;
  for (const words of commands) {
    const env = { ...process.env, PATH: `${controlPlane.binDirectory}:${process.env.PATH}`, KUBECONFIG: kubeconfig };
    await run("bash", ["-euc", `kubectl ${words}`], { env });
  }
  await ask(both, "calico");
});

test("addresses that somebody else gave are not taken away, nor MetalLB that somebody else installed", async () => {
  await controlPlane.kubectl([
    "patch",
    "bgpconfigurations.crd.projectcalico.org",
    "default",
    "--type",
    "merge",
    "--patch",
    '{"spec":{"serviceLoadBalancerIPs":[]}}',
  ]);
  await ask([]);
  const foreign =
    /Service shop\/web has 10\.80\.0\.1 from somebody else, which would be taken away.*the loadBalancerClass of/;
  await assert.rejects(ask(["10.90.0.0/24"]), foreign);
  const kind = "customresourcedefinition/ipaddresspools.metallb.io";
  const theirs = [
    "patch",
    kind,
    "--type",
    "json",
    "--field-manager",
    "helm",
    "--patch",
    '[{"op": "replace", "path": "/metadata/managedFields", "value": [{}]}]',
  ];
  await controlPlane.kubectl(theirs);
  await assert.rejects(
    ask(["10.80.0.0/30"]),
    /MetalLB is here already, and somebody else installed it: .* or remove it before/,
  );
});

test("in a cluster without Calico nothing is in use", async () => {
  await controlPlane.kubectl(["delete", "customresourcedefinition", "bgpconfigurations.crd.projectcalico.org"]);
  await ask([]);
});
