import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, test } from "node:test";
import type { SettingClass } from "../../stacks/classes";
import { pageFile, settingPaths, settingsPage } from "../../stacks/classes-page";
import { settingRows } from "../../stacks/setting-rows";
import type { Config } from "./environments";
import { changes } from "./setting-changes";
import { keptBy, type Part, partsOf } from "./whole-cluster";

type Change = Parameters<typeof keptBy>[0];

const paths = settingPaths();
const isBelow = (path: string, row: string) => path === row || path.startsWith(`${row}.`) || path.startsWith(`${row}[`);

test("each setting has one class, and no class is of a setting that is not there", () => {
  const rowsOf = (path: string) => settingRows.filter(([row]) => isBelow(path, row)).map(([row]) => row);
  const wrong = paths.filter((path) => rowsOf(path).length !== 1).map((path) => [path, rowsOf(path)]);
  assert.deepEqual(wrong, [], "add a row to stacks/setting-rows.ts, or take one out");
  const unused = settingRows.filter(([row]) => !paths.some((path) => isBelow(path, row)));
  assert.deepEqual(unused, []);
  assert.ok(paths.length > 100, `${paths.length} settings`);
});

test("docs/settings.md is as the table gives it", () => {
  const message = "write it anew: node --import tsx stacks/classes-page.ts";
  assert.ok(readFileSync(pageFile, "utf8") === settingsPage(), message);
});

const classOf = (row: string) => settingRows.find(([path]) => path === row)?.[1] as SettingClass;
const rowsOf = (...wanted: SettingClass[]) => Object.keys(changes).filter((row) => wanted.includes(classOf(row)));

test("each setting of the table is changed by a test", () => {
  assert.deepEqual(Object.keys(changes).sort(), settingRows.map(([row]) => row).sort());
});

for (const row of rowsOf("refused")) {
  test(`another ${row} is refused in the preview, by its name, with what it was`, async () => {
    const setting = row.replace(/^(kubernetes\.endpoint)\..*/, "$1");
    await assert.rejects(keptBy(changes[row] as Change), (error: Error) => {
      assert.ok(error.message.includes(`\n  ${setting} is `), error.message);
      return /and was .*\n.*(another cluster|put it back)/i.test(error.message);
    });
  });
}

/** Of each group one resource that shows it: else the change may be none at all. */
const shownBy: Readonly<Record<string, string>> = {
  "ssh.privateKeyFile": "hv1-pool",
  "ssh.hypervisorKeyFile": "hv1-preflight",
  "ssh.publicKeyFile": "worker1-base-files",
  virtualisation: "cp2-control-plane",
  "hypervisors[].address": "hv1-preflight",
  "hypervisors[].user": "hv2-preflight",
  "hypervisors[].hostKey": "hv3-preflight",
  "hypervisors[].fabricBridge": "worker1-machine",
  "hypervisors[].bridge": "cp1-machine",
  "hypervisors[].imageDirectory": "hv1-image-build",
  "nodes[kvm].taints": "worker1-admit",
  "nodes[kvm].labels": "cp2-admit",
  "nodes[kvm].volumes": "worker1-claims",
  "nodes[existing].volumes": "oslo-volumes-persistentvolume-rented1-srv-volumes-a",
  "nodes[kvm].cpus": "cp3-machine",
  "nodes[kvm].memoryMiB": "cp2-machine",
  "nodes[kvm].pinnedCpus": "worker1-machine",
  "nodes[existing].taints": "rented1-admit",
  "nodes[existing].labels": "rented1-admit",
  "nodes[existing].machine.address": "rented1-machine",
  "nodes[existing].machine.port": "rented1-machine",
  "nodes[existing].machine.user": "rented1-machine",
  "nodes[existing].machine.hostKey": "rented1-machine",
  "nodes[existing].machine.container": "cp2-control-plane",
  "nodes[existing].machine.fabricInterface": "rented1-base-files",
  "nodes[existing].machine.untestedRelease": "rented1-preflight",
  workload: "worker1-base-files",
  "kubernetes.exclusiveCpus": "rented1-base-files",
  "kubernetes.hugePagesMiB": "worker1-base-files",
  "network.fabric": "oslo-fabric-runtimeclass-fabric",
  "network.calico.reflectors": "oslo-calico-bgpconfiguration-default",
  "network.loadBalancerCidrs": "oslo-calico-bgpconfiguration-default",
  "network.gateway": "worker1-base-files",
  "network.nameservers": "worker1-base-files",
  "network.timeServers": "worker1-base-files",
  "network.mtu": "oslo-calico-configmap-calico-config",
  "network.calico.autodetection": "oslo-calico-daemonset-calico-node",
  "network.calico.asNumber": "oslo-calico-bgpconfiguration-default",
  "network.calico.encapsulation": "oslo-calico-ippool-default-ipv4-ippool",
  "network.calico.meshPassword": "oslo-calico-secret-kjerne-bgp-node-mesh",
  "network.calico.manifestSha256": "oslo-calico-configmap-calico-config",
  "network.calico.manifest": "oslo-calico-configmap-calico-config",
  "network.calico.peers": "oslo-calico-bgppeer-tor1",
  "network.calico.racks": "worker1-admit",
  "kubernetes.endpoint.address": "cp2-control-plane",
  "kubernetes.endpoint.by": "cp2-control-plane",
  "kubernetes.version": "oslo-upgrade",
  "kubernetes.upgrade": "oslo-upgrade",
  "kubernetes.proxy.mode": "oslo-kube-proxy-mode",
  "kubernetes.proxy.scheduler": "oslo-kube-proxy-apply",
  "kubernetes.proxy.syncPeriodSeconds": "oslo-kube-proxy-apply",
  "kubernetes.proxy.strictArp": "oslo-kube-proxy-apply",
  "kubernetes.sysctlProfiles": "rented1-base-files",
  "kubernetes.operators": "oslo-operator-anna-certificate",
  "network.operators": "cp2-base-files",
  "network.openToPods": "rented1-base-files",
  "kubernetes.metricsServer": "oslo-metrics-server-deployment-metrics-server",
  "kubernetes.slowEtcdDisk": "cp2-control-plane",
  "kubernetes.encryptionKey": "cp2-encryption",
  "kubernetes.probeImage": "oslo-verification",
  "supply.packages": "hv1-image-build",
  "supply.debian": "hv1-image-build",
  "supply.index": "hv2-image-build",
  "supply.imageMirrors": "rented1-base-files",
  backup: "cp2-backup",
  backupCredentials: "cp3-backup",
  otherNamespaces: "cp2-control-plane",
  admission: "oslo-admission-validatingadmissionpolicybinding-kjerne-net-06",
  "verification.landmarks": "oslo-verification",
  "defaultDeny[].allow": "oslo-staging-default-deny-staging-networkpolicy-allow-web-to-backend-tcp-9090",
  "defaultDeny[].namespace": "oslo-staging",
  bgpPasswords: "oslo-calico-secret-kjerne-bgp-tor2",
  "nodes[kvm].name": "worker7-machine",
  "nodes[kvm].address": "worker1-machine",
  "nodes[kvm].hypervisor": "worker1-machine",
  "nodes[kvm].rootGiB": "worker1-machine",
  "nodes[kvm].etcdGiB": "cp1-machine",
  "network.calico.version": "oslo-calico-daemonset-calico-node",
  "supply.caFile": "worker1-base-files",
  "hypervisors[].pool.medium": "hv1-preflight",
};

describe("a change of settings on a cluster that runs", () => {
  let running: ReadonlyMap<string, Part>;
  before(async () => {
    running = await partsOf();
  });

  /** Resources that a machine or the cluster has, by name, that are others after `rows` changed together. */
  async function changedBy(rows: readonly string[]) {
    return difference(await partsOf((config) => void rows.map((row) => changes[row]?.(config))));
  }

  function difference(after: ReadonlyMap<string, Part>) {
    const real = [...new Set([...running.keys(), ...after.keys()])].filter((key) => !/^(kjerne|pulumi):/.test(key));
    const changed = real.filter((key) => running.get(key)?.inputs !== after.get(key)?.inputs);
    const inBoth = changed.filter((key) => running.has(key) && after.has(key));
    const inOne = changed.filter((key) => running.has(key) !== after.has(key));
    const names = (keys: readonly string[]) => keys.map((key) => key.split(" ")[1] as string).sort();
    return {
      changed: names(changed),
      replaced: names(
        inBoth.filter((key) => running.get(key)?.replacementTrigger !== after.get(key)?.replacementTrigger),
      ),
      /** What comes or goes and does something on a machine when it goes. */
      undone: names(inOne.filter((key) => JSON.parse((running.get(key) ?? after.get(key))?.inputs ?? "{}").delete)),
    };
  }

  // Together, section by section, since a whole cluster takes its time.
  const gentle = rowsOf("in place", "next start", "rolling", "new machines");
  /** By themselves, with what has an undo and comes: reflectors, not beside racks, let the mesh of nodes stand again. */
  const alone: Readonly<Record<string, string[]>> = {
    "network.calico.reflectors": ["oslo-calico-reflectors"],
    "hypervisors[].fabricBridge": [],
  };
  const groupOf = (row: string) => `${row in alone ? row : row.split(/[.[]/)[0]}: ${classOf(row)}`;
  for (const group of new Set(gentle.map(groupOf))) {
    const rows = gentle.filter((row) => groupOf(row) === group);
    test(`${group}: no machine is replaced, nothing else that has an undo comes or goes`, async () => {
      const { changed, replaced, undone } = await changedBy(rows);
      assert.deepEqual([replaced, undone], [[], alone[rows[0] ?? ""] ?? []], rows.join(", "));
      for (const row of rows) assert.ok(changed.includes(shownBy[row] ?? ""), `${row}: ${changed.join(" ")}`);
      // The upgrade and kube-proxy's change of mode look whether a node is due, and find none. An emulated pool needs emulated machines, and a card the fabric, which changes more.
      const late =
        !["hypervisors[].pool.medium", "hypervisors[].fabricBridge"].some((row) => rows.includes(row)) &&
        ["next start", "new machines"].some((one) => group.endsWith(one));
      if (late)
        assert.deepEqual(
          changed.filter((name) => !/-(machine|preflight|build|upgrade|kube-proxy-mode|verification)$/.test(name)),
          [],
        );
    });
  }

  for (const row of rowsOf("replaces the machine")) {
    test(`another ${row} replaces that machine and no other`, async () => {
      const { changed, replaced, undone } = await changedBy([row]);
      const machine = shownBy[row] as string;
      assert.ok(changed.includes(machine), changed.join(" "));
      const renamed = row === "nodes[kvm].name";
      assert.deepEqual(replaced, renamed ? [] : [machine]);
      assert.deepEqual(
        undone.filter((name) => name.endsWith("-machine")),
        renamed ? ["worker1-machine", "worker7-machine"] : [],
      );
    });
  }

  test("what is a record changes nothing on machines and in the cluster", async () => {
    const { changed, replaced } = await changedBy(rowsOf("record"));
    assert.deepEqual([changed, replaced], [[], []]);
  });

  test("another name of the stack changes nothing but what storage pools say of who made them", async () => {
    const { changed, replaced, undone } = difference(await partsOf(() => {}, "bergen"));
    assert.deepEqual([changed, replaced, undone], [["hv1-pool", "hv2-pool", "hv3-pool"], [], []]);
  });

  test("nodes and hypervisors in another order change nothing", async () => {
    const reversed = (config: Config) => [config.nodes, config.hypervisors].map((list) => list.reverse());
    const { changed, replaced, undone } = difference(await partsOf(reversed));
    assert.deepEqual([changed, replaced, undone], [[], [], []]);
  });
});
