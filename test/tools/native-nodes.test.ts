import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startLab, stopLab } from "../../tools/lab/lab";
import { onNode } from "../../tools/lab/native/node";
import { nodeInitOf } from "../../tools/lab/native/node-processes";
import { type LabAddresses, labFiles, nodeAddress } from "../../tools/lab/plan";
import { labStatus } from "../../tools/lab/status";
import { until } from "../../tools/lab/until";
import { asRoot } from "../../tools/run";
import { changesOf, machineSettings, nativeNodes, servers } from "./lab/native-lab";
import { traces } from "./lab/traces";

const one = `test-${process.pid}-one`;
const other = `test-${process.pid}-other`;
const quiet = () => {};

describe("native nodes", () => {
  let lab: LabAddresses;
  let otherLab: LabAddresses;
  let machineBefore: readonly string[];

  before(async () => {
    machineBefore = await machineSettings();
    [lab, otherLab] = await Promise.all([
      startLab(one, servers, quiet, await nativeNodes("cp1", "worker1")),
      startLab(other, servers, quiet, await nativeNodes("cp1")),
    ]);
  });
  after(async () => {
    await stopLab(one, quiet);
    // Beside a lab that goes, another stays as it is.
    assert.equal((await onNode(other, otherLab, "cp1", "hostname")).trim(), "cp1");
    await stopLab(other, quiet);
    assert.deepEqual([...(await traces(one, lab.uplink)), ...(await traces(other, otherLab.uplink))], []);
    assert.deepEqual(await changesOf(machineBefore), []);
  });

  const on = (name: string, command: string) => onNode(one, lab, name, command);

  test("a native node takes commands by SSH as a user who may become root, and a node with another key is refused", async () => {
    assert.equal((await on("cp1", "id --user --name; sudo id --user --name; hostname")).trim(), "kjerne\nroot\ncp1");
    assert.match(await on("cp1", "systemctl is-system-running --wait"), /^running$/m);
    const pin = join(labFiles(one).node("cp1"), "known_hosts");
    await copyFile(pin, `${pin}.right`);
    await asRoot(
      "sh",
      "-c",
      `sed 's/^worker1/cp1/' "$1" >"$2"`,
      "sh",
      join(labFiles(one).node("worker1"), "known_hosts"),
      pin,
    );
    await assert.rejects(on("cp1", "true"), /Host key verification failed/);
    await copyFile(`${pin}.right`, pin);
  });

  test("a native node is a bare Debian 12 with an identity, a disk and memory of its own", async () => {
    const identities = await Promise.all(["cp1", "worker1"].map((name) => on(name, "cat /etc/machine-id")));
    assert.match(identities[0] ?? "", /^[0-9a-f]{32}\n$/);
    assert.notEqual(identities[0], identities[1]);
    assert.match(await on("cp1", "cat /etc/os-release"), /^VERSION_ID="12"$/m);
    await assert.rejects(on("cp1", "PATH=$PATH:/usr/sbin; command -v containerd kubelet runc iptables"));
    assert.match(await on("cp1", "findmnt --noheadings --output FSTYPE /var"), /^ext4$/m);
    assert.match(await on("cp1", "grep MemTotal /proc/meminfo"), /:\s+1048576 kB/);
    assert.equal((await on("cp1", "systemd-detect-virt --container")).trim(), "container-other");
  });

  test("packets of 9000 bytes pass between native nodes on the fabric and to no other lab's, and 1500 between their cards", async () => {
    await Promise.all(
      ["cp1", "worker1"].map((name, at) => on(name, `sudo ip address add 10.99.0.${at + 1}/24 dev fab0`)),
    );
    const ping = (size: number, address: string) => `ping -c 1 -W 2 -M do -s ${size - 28} ${address}`;
    await on("cp1", ping(9000, "10.99.0.2"));
    await assert.rejects(on("cp1", ping(9001, "10.99.0.2")), /message too long/);
    await assert.rejects(on("cp1", ping(1501, nodeAddress(lab, "worker1"))), /message too long/);
    await onNode(other, otherLab, "cp1", "sudo ip address add 10.99.0.3/24 dev fab0");
    await assert.rejects(onNode(other, otherLab, "cp1", ping(9000, "10.99.0.2")));
  });

  test("a native node has control groups below none of this machine's, and systemd makes groups in them", async () => {
    for (const line of (await on("cp1", "cat /proc/1/cgroup")).trim().split("\n")) {
      assert.match(line, /:\/(init\.scope)?$/);
    }
    await on("cp1", "sudo systemd-run --quiet --wait --property=MemoryMax=32M true");
  });

  test("a native node sets kernel settings that Kubernetes needs, and this machine's stay as they are", async () => {
    await on("cp1", "sudo sysctl -w vm.overcommit_memory=1 kernel.panic=10 vm.panic_on_oom=0 net.ipv4.ip_forward=1");
    assert.match(await on("cp1", "/usr/sbin/sysctl vm.overcommit_memory kernel.panic"), /= 1\n.*= 10\n/);
    await assert.rejects(on("cp1", "sudo sysctl -w kernel.pid_max=99"), /permission denied/);
    await assert.rejects(on("cp1", "sudo date --set @$(date +%s)"), /Operation not permitted/);
    assert.deepEqual(await changesOf(machineBefore), []);
  });

  test("modprobe in a native node knows the modules that this machine's kernel has", async () => {
    await on("cp1", "sudo modprobe overlay");
    const hasIpvs = await on("cp1", "sudo modprobe --dry-run ip_vs").then(
      () => true,
      () => false,
    );
    const config = await asRoot("sh", "-c", "zcat /proc/config.gz || cat /boot/config-$(uname -r)");
    assert.equal(hasIpvs, /^CONFIG_IP_VS=[ym]$/m.test(config));
  });

  test("labs don't reach each other's nodes, which may have the same names", async () => {
    const address = nodeAddress(otherLab, "cp1");
    assert.equal((await onNode(other, otherLab, "cp1", "hostname")).trim(), "cp1");
    await assert.rejects(on("cp1", `ping -c 1 -W 2 ${address}`), { stdout: /100% packet loss/ });
  });

  test("starting a lab again leaves running nodes alone and starts those that were killed", async () => {
    const [first, second] = await Promise.all(
      ["cp1", "worker1"].map((name) => on(name, "cat /proc/sys/kernel/random/boot_id")),
    );
    // Not the lowest number of its processes: numbers begin again after the highest.
    await asRoot("kill", "-s", "KILL", String(await nodeInitOf(one, "worker1")));
    await until("worker1 to end", 30, async () => !(await labStatus(one)).nodes.worker1?.runs);
    await startLab(one, servers, quiet, await nativeNodes("cp1", "worker1"));
    assert.equal(await on("cp1", "cat /proc/sys/kernel/random/boot_id"), first);
    assert.notEqual(await on("worker1", "cat /proc/sys/kernel/random/boot_id"), second);
  });
});

test("a lab whose start was killed while it made nodes starts again, and stopLab removes everything of it", async () => {
  const name = `test-${process.pid}-killed`;
  const nodes = await nativeNodes("cp1", "worker1");
  const base = nodes.native[0]?.base ?? "";
  const begun = async (what: string) => {
    const file = join(__dirname, "lab/start.ts");
    const child = spawn(process.execPath, ["--import", "tsx", file, name, base, "cp1", "worker1"], { stdio: "ignore" });
    const ended = once(child, "exit");
    await until(`${what} to exist`, 60, async () => existsSync(join(labFiles(name).nodes, what)));
    child.kill("SIGKILL");
    await ended;
  };
  await begun("cp1.unfinished");
  await begun("cp1/groups");
  const addresses = await startLab(name, servers, quiet, nodes);
  assert.equal((await onNode(name, addresses, "worker1", "hostname")).trim(), "worker1");
  await begun("cp1/groups");
  await stopLab(name, quiet);
  assert.deepEqual(await traces(name, addresses.uplink), []);
});
