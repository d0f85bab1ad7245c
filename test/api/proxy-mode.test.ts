import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { renderKubeProxy } from "../../node-config/kubeadm";
import type { ProxyMode } from "../../node-config/versions";
import { until } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { cutInTurn, cutting, trap } from "../tools/power-cut";
import { cp1, facts } from "../unit/cluster-samples";
import { type AsNode, asNode } from "./as-node";
import { type ControlPlane, startControlPlane } from "./control-plane";
import { kubectlAs } from "./user";

let controlPlane: ControlPlane;
let node: AsNode;
before(async () => {
  controlPlane = await startControlPlane();
  node = await asNode(controlPlane);
});
after(async () => {
  await controlPlane?.stop();
  await node?.remove();
});

const configured = (mode: ProxyMode) =>
  renderKubeProxy(facts, cp1, { mode, scheduler: "rr", syncPeriodSeconds: 30, strictArp: false });
const inSystem = ["--namespace", "kube-system"];
const get = async (kind: string, name: string) =>
  JSON.parse(await controlPlane.kubectl([...inSystem, "get", kind, name, "--output", "json"]));
const create = (object: object) => controlPlane.kubectl(["create", "--filename", "-"], JSON.stringify(object));

/** A pod of kube-proxy, as the DaemonSet makes it with this template. */
const pod = (name: string, nodeName: string, annotations: object) => ({
  ...{ apiVersion: "v1", kind: "Pod" },
  metadata: { ...{ name, namespace: "kube-system" }, labels: { "k8s-app": "kube-proxy" }, annotations },
  spec: { nodeName, containers: [{ name: "kube-proxy", image: "registry.k8s.io/kube-proxy:v1" }] },
});

/** What decides how kube-proxy's pods come and go. */
async function held() {
  const { spec } = await get("daemonset", "kube-proxy");
  const { data } = await get("configmap", "kube-proxy");
  return {
    strategy: spec.updateStrategy.type,
    mode: spec.template.metadata.annotations["kjerne.io/proxy-mode"],
    cleansUp: (spec.template.spec.initContainers ?? []).map(({ command }: { command: string[] }) => command.join(" ")),
    configured: /^mode: (\w+)$/m.exec(data["config.conf"])?.[1],
  };
}
const rolls = (mode: ProxyMode) => ({ strategy: "RollingUpdate", mode, cleansUp: [], configured: mode });
const waits = (mode: ProxyMode) => ({
  ...{ strategy: "OnDelete", mode, configured: mode },
  cleansUp: ["/usr/local/bin/kube-proxy --cleanup"],
});

test("another mode restarts no pod by itself until all nodes went through it, and pods say which mode is theirs", async () => {
  await node.script("kubeadm/kube-proxy.sh", configured("ipvs"));
  assert.deepEqual(await held(), rolls("ipvs"));
  // As a version of kjerne left it that did not write modes down.
  await create(pod("kube-proxy-a", "worker1", {}));

  await node.script("upgrade/hold-kube-proxy.sh", configured("nftables"));
  assert.deepEqual(await held(), waits("nftables"));
  const annotations = (await get("pod", "kube-proxy-a")).metadata.annotations;
  assert.equal(annotations["kjerne.io/proxy-mode"], "ipvs");

  await node.script("kubeadm/kube-proxy.sh", configured("nftables"));
  assert.deepEqual(await held(), rolls("nftables"));
  const seen = JSON.parse(
    await readFile(node.at("kjerne/kube-proxy.json"), "utf8").then((text) => `[${text.trim().replace(/\n/g, ",")}]`),
  );
  assert.ok(seen.some(({ kind }: { kind: string }) => kind === "DaemonSet"));
});

test("kube-proxy of a version of kjerne that did not write modes down is applied once more, and is no drift then", async () => {
  await node.script("kubeadm/kube-proxy.sh", configured("ipvs"));
  const key = "kjerne.io~1proxy-mode";
  const patch = JSON.stringify([{ op: "remove", path: `/spec/template/metadata/annotations/${key}` }]);
  await controlPlane.kubectl([...inSystem, "patch", "daemonset", "kube-proxy", "--type", "json", "--patch", patch]);
  const applied = async () => (await get("daemonset", "kube-proxy")).metadata.generation;
  const before = await applied();
  await node.script("kubeadm/kube-proxy.sh", configured("ipvs"));
  assert.deepEqual([await held(), await applied()], [rolls("ipvs"), before + 1]);
  await node.script("kubeadm/kube-proxy.sh", configured("ipvs"));
  assert.equal(await applied(), before + 1);
});

test("hold-kube-proxy.sh that is killed before any of its calls holds kube-proxy when it runs again", async () => {
  const [trapFile, log] = [node.at("kjerne/trap"), node.at("kjerne/log")];
  await writeFile(trapFile, trap);
  const words = cutting("/var/lib/kjerne/trap", "/var/lib/kjerne/log", "kubectl *|mv *|felix_before *");
  const cuts = await cutInTurn({
    reset: async () => {
      await node.script("kubeadm/kube-proxy.sh", configured("ipvs"));
      await writeFile(log, "");
    },
    run: (cut) => node.script("upgrade/hold-kube-proxy.sh", configured("nftables"), cut ? words : []),
    log: () => readFile(log, "utf8"),
    seen: async () =>
      JSON.stringify([
        await held(),
        JSON.parse(
          await node
            .onNode(["cat", "/var/lib/kjerne/kube-proxy.json"], "")
            .then((text) => text.split("\n")[0] as string),
        ),
      ]),
  });
  assert.ok(cuts > 3, `${cuts}`);
  await rm(trapFile);
});

test("Calico leaves nftables before kube-proxy does, and its own manifest finds no conflict when it goes back there", async () => {
  const calicoNode = (value: string) => ({
    ...{ apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "calico-node", namespace: "kube-system" } },
    spec: {
      selector: { matchLabels: { app: "calico-node" } },
      template: {
        metadata: { labels: { app: "calico-node" } },
        spec: {
          containers: [
            { name: "calico-node", image: "docker.io/calico/node:v3", env: [{ name: "FELIX_NFTABLESMODE", value }] },
          ],
        },
      },
    },
  });
  /** As the engine applies it: without force. */
  const manifest = (value: string) =>
    controlPlane.kubectl(
      ["apply", "--server-side", "--field-manager", "kjerne", "--filename", "-"],
      JSON.stringify(calicoNode(value)),
    );
  const mode = async () => (await get("daemonset", "calico-node")).spec.template.spec.containers[0].env[0].value;
  await manifest("Enabled");
  await node.script("upgrade/hold-kube-proxy.sh", configured("ipvs"));
  assert.equal(await mode(), "Disabled");
  await manifest("Disabled");

  await node.script("upgrade/hold-kube-proxy.sh", configured("nftables"));
  assert.equal(await mode(), "Disabled");
  await manifest("Enabled");
  assert.equal(await mode(), "Enabled");
});

test("a worker's kubelet takes its own kube-proxy away for one of the new mode, and may touch no other node's", async () => {
  await controlPlane.kubectl([...inSystem, "delete", "daemonsets", "--all"]);
  await controlPlane.kubectl([...inSystem, "delete", "pods", "--all", "--force", "--grace-period=0"]);
  for (const name of ["worker1", "worker2"]) {
    await create({ apiVersion: "v1", kind: "Node", metadata: { name } });
    await create(pod(`kube-proxy-${name}`, name, { "kjerne.io/proxy-mode": "ipvs" }));
  }
  const kubelet = await kubectlAs(controlPlane, "system:node:worker1", ["system:nodes"]);
  const file = join(dirname(controlPlane.kubeconfig), `${encodeURIComponent("system:node:worker1")}.conf`);
  await run("cp", [file, node.at("kubernetes/kubelet.conf")]);
  await assert.rejects(kubelet([...inSystem, "delete", "pod", "kube-proxy-worker2"]), /Forbidden/);

  // What kube-proxy of the new mode answers, once its pod runs.
  const curl = `#!/usr/bin/env bash\n[[ -e ${node.at("kjerne/serves")} ]] || exit 7\ncase $* in */proxyMode) printf nftables ;; */metrics) echo 'kubeproxy_sync_proxy_rules_last_timestamp_seconds{ip_family="IPv4"} 1.7e+09' ;; esac\n`;
  await writeFile(node.at("curl"), curl, { mode: 0o755 });
  const input = JSON.stringify({ step: "change", name: "worker1", mode: "nftables" });
  const changed = node.script("upgrade/another-proxy.sh", input, [
    "env",
    `PATH=${node.at("")}:${controlPlane.binDirectory}:${process.env.PATH}`,
  ]);
  await Promise.all([changed, succeedDaemonSet()]);
  const left = JSON.parse(await controlPlane.kubectl([...inSystem, "get", "pods", "--output", "json"])).items;
  assert.deepEqual(left.map(({ metadata }: { metadata: { name: string } }) => metadata.name).sort(), [
    "kube-proxy-new",
    "kube-proxy-worker2",
  ]);
});

/** Plays kubelet, which ends the pod, and the controller, which makes the next one. */
async function succeedDaemonSet(): Promise<void> {
  await until(
    "the old pod to be deleted",
    60,
    async () => (await get("pod", "kube-proxy-worker1")).metadata.deletionTimestamp,
  );
  await controlPlane.kubectl([...inSystem, "delete", "pod", "kube-proxy-worker1", "--force", "--grace-period=0"]);
  await create(pod("kube-proxy-new", "worker1", { "kjerne.io/proxy-mode": "nftables" }));
  const ready = JSON.stringify({ status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] } });
  await controlPlane.kubectl([
    ...inSystem,
    "patch",
    "pod",
    "kube-proxy-new",
    "--subresource=status",
    "--type=merge",
    "--patch",
    ready,
  ]);
  await writeFile(node.at("kjerne/serves"), "");
}
