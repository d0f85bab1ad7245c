import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { calicoFiles } from "../../tools/supply/calico-files";
import { makeWorkspace, type Workspace } from "../engine/workspace";
import { type ControlPlane, startControlPlane } from "./control-plane";

let controlPlane: ControlPlane;
let workspace: Workspace;
let input: { kubeconfig: string; manifest: string; blockSize: number };

before(async () => {
  controlPlane = await startControlPlane();
  workspace = await makeWorkspace("../../api/programs/calico-and-default-deny.ts");
  const kubeconfig = await readFile(controlPlane.kubeconfig, "utf8");
  input = { kubeconfig, manifest: (await calicoFiles()).manifest, blockSize: 26 };
  await workspace.setInput(input);
});
after(async () => {
  await workspace.remove();
  await controlPlane.stop();
});

const get = async (...args: string[]) => JSON.parse(await controlPlane.kubectl(["get", ...args, "-o", "json"]));

/** Positions of the steps on resources whose name holds `part`; fails if there is none, as with a misspelt name. */
function places(steps: readonly string[], verb: string, part: string): number[] {
  const found = steps.flatMap((step, place) => (step.startsWith(`${verb} `) && step.includes(part) ? [place] : []));
  assert.notEqual(found.length, 0, `${verb} ${part}`);
  return found;
}

test("up creates Calico and network policies in a real API server: CRDs first, denying policies last", async () => {
  const { code, output, steps } = await workspace.up();
  assert.equal(code, 0, output);

  const { spec: pool } = await get("ippools.crd.projectcalico.org", "default-ipv4-ippool");
  assert.deepEqual([pool.ipipMode, pool.vxlanMode, pool.blockSize], ["Never", "Never", 26]);
  const { spec: peer } = await get("bgppeers.crd.projectcalico.org", "router");
  assert.deepEqual([peer.peerIP, peer.asNumber], ["10.77.0.1", 64500]);
  const { items } = await get("networkpolicies", "--namespace", "production");
  assert.ok(items.some((policy: { metadata: { name: string } }) => policy.metadata.name === "default-deny-all"));

  const [allows, denies] = [
    places(steps, "create", "networkpolicy-allow"),
    places(steps, "create", "networkpolicy-default-deny-all"),
  ];
  assert.ok(Math.max(...allows) < Math.min(...denies), steps.join("\n"));
  const [kinds, pools] = [places(steps, "create", "customresourcedefinition"), places(steps, "create", "ippool-")];
  assert.ok(Math.max(...kinds) < Math.min(...pools), steps.join("\n"));
  const [everywhere] = places(steps, "create", "globalnetworkpolicy-");
  assert.ok(Number(everywhere) < Math.min(...places(steps, "create", "daemonset-calico-node")), steps.join("\n"));
  const { spec: cluster } = await get("globalnetworkpolicies.crd.projectcalico.org", "default.kjerne-default-deny");
  assert.deepEqual([cluster.types, cluster.egress.length, cluster.ingress], [["Ingress", "Egress"], 3, undefined]);
  const [peers, nodes] = [places(steps, "create", "bgppeer-"), places(steps, "create", "daemonset-calico-node")];
  assert.ok(Math.max(...peers) < Math.min(...nodes), steps.join("\n"));
});

test("calico-node may read the Secret with its BGP password and no other Secret", async () => {
  const secrets = ["auth", "can-i", "get", "--namespace", "kube-system", "--as"];
  const node = "system:serviceaccount:kube-system:calico-node";
  const may = async (secret: string) => {
    const reply = controlPlane.kubectl([...secrets, node, secret]);
    return reply.then((answer) => answer.trim()).catch((error: { stdout: string }) => error.stdout.trim());
  };
  assert.equal(await may("secrets/kjerne-bgp-router"), "yes");
  assert.equal(await may("secrets/another"), "no");
});

test("the state does not show the router's BGP password", async () => {
  assert.ok(!(await workspace.state()).includes("between-us-two"));
});

test("a second up changes nothing", async () => {
  const { code, output, steps } = await workspace.up("--expect-no-changes");
  assert.equal(code, 0, output);
  assert.deepEqual(steps, []);
});

test("up takes over objects that a killed up created without recording them in the state", async () => {
  const { deployment } = JSON.parse((await workspace.pulumi("stack", "export")).output);
  const urns: string[] = deployment.resources.map(({ urn }: { urn: string }) => urn);
  const kind = urns.find((urn) => urn.includes("customresourcedefinition-ippools")) as string;
  // Together with all that depends on it: Calico's settings, Calico itself and the policies.
  const forgotten = await workspace.pulumi("state", "delete", kind, "--target-dependents", "--yes");
  assert.equal(forgotten.code, 0, forgotten.output);

  const { code, output, steps } = await workspace.up();
  assert.equal(code, 0, output);
  for (const made of ["ippool-default", "daemonset-calico-node", "default-deny-all"]) places(steps, "create", made);
});

test("up --refresh restores an object that was deleted or changed with kubectl, and changes nothing else", async () => {
  await controlPlane.kubectl(["delete", "networkpolicy", "default-deny-all", "--namespace", "production"]);
  const open = JSON.stringify({ spec: { ipipMode: "Always" } });
  await controlPlane.kubectl([
    "patch",
    "ippools.crd.projectcalico.org/default-ipv4-ippool",
    "--type=merge",
    `-p=${open}`,
  ]);

  const { code, output, steps } = await workspace.up("--refresh");
  assert.equal(code, 0, output);
  const changes = steps.filter((step) => !step.startsWith("refresh "));
  assert.equal(changes.length, 2, changes.join("\n"));
  places(changes, "create", "networkpolicy-default-deny-all");
  places(changes, "update", "ippool-default-ipv4-ippool");
  const { spec: pool } = await get("ippools.crd.projectcalico.org", "default-ipv4-ippool");
  assert.equal(pool.ipipMode, "Never");
  await get("networkpolicy", "default-deny-all", "--namespace", "production");
});

test("destroy deletes the policies that deny before those that allow and leaves nothing", async () => {
  const { code, output, steps } = await workspace.destroy();
  assert.equal(code, 0, output);
  const [denies, allows] = [
    places(steps, "delete", "networkpolicy-default-deny-all"),
    places(steps, "delete", "networkpolicy-allow"),
  ];
  assert.ok(Math.max(...denies) < Math.min(...allows), steps.join("\n"));
  const { items } = await get("customresourcedefinitions");
  assert.deepEqual(items, []);
});
