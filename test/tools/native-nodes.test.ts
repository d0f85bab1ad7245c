import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startLab, stopLab } from "../../tools/lab/lab";
import { inside } from "../../tools/lab/machine-processes";
import { nativeBase } from "../../tools/lab/native/base";
import { cutPower, fillDisk, freeDisk, plug, restart, start, unplug } from "../../tools/lab/native/faults";
import { onNode } from "../../tools/lab/native/node";
import { insideNode } from "../../tools/lab/native/node-processes";
import { type LabAddresses, labFiles, nodeAddress } from "../../tools/lab/plan";
import { labStatus } from "../../tools/lab/status";
import { until } from "../../tools/lab/until";
import { asRoot, run } from "../../tools/run";
import { ensureSupply } from "../../tools/supply/supply";
import { traces } from "./lab/traces";

const one = `test-${process.pid}-one`;
const other = `test-${process.pid}-other`;
const servers = () => [{ name: "web", argv: ["python3", "-m", "http.server", "80", "--directory", __dirname] }];
const quiet = () => {};

let base: string;
const native = (...names: string[]) => ({
  native: names.map((name) => ({ name, base, memoryMiB: 1024 })),
  onHypervisor: false,
});

before(async () => {
  base = await nativeBase(await ensureSupply(console.log), console.log);
});

describe("native nodes", () => {
  let lab: LabAddresses;
  let otherLab: LabAddresses;
  let machineBefore: readonly string[];

  before(async () => {
    machineBefore = await machineSettings();
    [lab, otherLab] = await Promise.all([
      startLab(one, servers, quiet, native("cp1", "cp2", "cp3")),
      startLab(other, servers, quiet, native("cp1")),
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
  const pinged = async (name: string) =>
    inside(one, "router", "ping", "-c", "1", "-W", "1", nodeAddress(lab, name)).then(
      () => true,
      () => false,
    );

  test("a native node takes commands by SSH as a user who may become root, and a node with another key is refused", async () => {
    assert.equal((await on("cp1", "id --user --name; sudo id --user --name; hostname")).trim(), "kjerne\nroot\ncp1");
    assert.match(await on("cp1", "systemctl is-system-running --wait"), /^running$/m);
    const pin = join(labFiles(one).node("cp1"), "known_hosts");
    await copyFile(pin, `${pin}.right`);
    await asRoot("sh", "-c", `sed 's/^cp2/cp1/' "$1" >"$2"`, "sh", pin.replace("cp1", "cp2"), pin);
    await assert.rejects(on("cp1", "true"), /Host key verification failed/);
    await copyFile(`${pin}.right`, pin);
  });

  test("a native node is a bare Debian 12 with an identity, a disk and memory of its own", async () => {
    const identities = await Promise.all(["cp1", "cp2"].map((name) => on(name, "cat /etc/machine-id")));
    assert.match(identities[0] ?? "", /^[0-9a-f]{32}\n$/);
    assert.notEqual(identities[0], identities[1]);
    assert.match(await on("cp1", "cat /etc/os-release"), /^VERSION_ID="12"$/m);
    await assert.rejects(on("cp1", "PATH=$PATH:/usr/sbin; command -v containerd kubelet runc iptables"));
    assert.match(await on("cp1", "findmnt --noheadings --output FSTYPE /var"), /^ext4$/m);
    assert.match(await on("cp1", "grep MemTotal /proc/meminfo"), /:\s+1048576 kB/);
    assert.equal((await on("cp1", "systemd-detect-virt --container")).trim(), "container-other");
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
    await assert.rejects(on("cp1", "sudo date --set 2001-01-01"), /Operation not permitted/);
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

  test("a reboot gives a native node another boot ID, and keeps its files", async () => {
    const bootId = () => on("cp1", "cat /proc/sys/kernel/random/boot_id");
    const [before, machine] = [await bootId(), await on("cp1", "sudo touch /etc/kept /var/kept; cat /etc/machine-id")];
    await restart(one, lab, "cp1");
    assert.notEqual(await bootId(), before);
    assert.equal(await on("cp1", "ls /etc/kept /var/kept; cat /etc/machine-id"), `/etc/kept\n/var/kept\n${machine}`);
  });

  test("a native node whose power is cut is silent, the others answer, and it can be started again", async () => {
    assert.ok(await pinged("cp2"));
    await cutPower(one, "cp2");
    assert.ok(!(await pinged("cp2")));
    assert.ok(await pinged("cp3"));
    assert.deepEqual((await labStatus(one)).nodes.cp2, { runs: false, isUnplugged: false });
    await assert.rejects(restart(one, lab, "cp2"), /node cp2 is down; start it \(make lab-node .* DO=start\)/);
    await start(one, lab, "cp2");
    assert.deepEqual((await labStatus(one)).nodes.cp2, { runs: true, isUnplugged: false });
  });

  test("a native node whose power is cut while it boots can be started again", async () => {
    await insideNode(one, "cp2", "systemctl", "reboot");
    await cutPower(one, "cp2");
    assert.ok(!(await pinged("cp2")));
    await start(one, lab, "cp2");
  });

  test("a native node without its cable can't be reached, over a reboot too, and can with it", async () => {
    await unplug(one, "cp3");
    assert.ok(!(await pinged("cp3")));
    assert.match(await insideNode(one, "cp3", "cat", "/sys/class/net/eth0/carrier"), /^0$/m);
    await restart(one, lab, "cp3");
    assert.ok(!(await pinged("cp3")));
    assert.deepEqual((await labStatus(one)).nodes.cp3, { runs: true, isUnplugged: true });
    await plug(one, "cp3");
    await until("cp3 to answer", 30, () => pinged("cp3"));
  });

  test("a native node with a full disk can write nothing to it, until it is freed; this machine's disk has its room", async () => {
    const image = join(labFiles(one).node("cp1"), "var.img");
    const used = async () => (await stat(image)).blocks * 512;
    const before = await used();
    const write = () =>
      on("cp1", "sudo dd if=/dev/zero of=/var/lib/more bs=1M count=1 conv=fsync; sudo rm /var/lib/more");
    await fillDisk(one, "cp1");
    await assert.rejects(on("cp1", "sudo dd if=/dev/zero of=/var/lib/more bs=1M count=1"), /No space left on device/);
    assert.ok((await used()) - before < 100 << 20, `${before} became ${await used()}`);
    await freeDisk(one, "cp1");
    await write();
  });

  test("three control planes have one address, behind which those that say that they are ready answer", async (t) => {
    const program =
      "import ssl, sys, urllib.request as r; print(r.urlopen(sys.argv[1], context=ssl._create_unverified_context(), timeout=2).read())";
    const answers = async () => {
      const ask = () => run("python3", ["-c", program, `https://${lab.router}:6443/name`]).catch(() => "none");
      return new Set(await Promise.all([ask(), ask(), ask(), ask()]));
    };
    for (const name of ["cp1", "cp2", "cp3"]) await serveReadyz(name);
    await until("three control planes behind one address", 30, async () => (await answers()).size === 3);
    t.after(() => start(one, lab, "cp1"));
    await cutPower(one, "cp1");
    await on("cp2", "printf 'HTTP/1.0 500 not ready\\r\\n\\r\\n' | sudo tee /srv/readyz");
    await until("only the third to be asked", 30, async () => [...(await answers())].join() === "b'cp3'\n");
  });

  test("labs don't reach each other's nodes, which may have the same names", async () => {
    const address = nodeAddress(otherLab, "cp1");
    assert.equal((await onNode(other, otherLab, "cp1", "hostname")).trim(), "cp1");
    await assert.rejects(on("cp1", `ping -c 1 -W 2 ${address}`), { stdout: /100% packet loss/ });
  });

  test("starting a lab again leaves running nodes alone and starts those that were killed", async () => {
    const [first, second] = await Promise.all(
      ["cp1", "cp2"].map((name) => on(name, "cat /proc/sys/kernel/random/boot_id")),
    );
    await asRoot(
      "kill",
      "-s",
      "KILL",
      String((await asRoot("ip", "netns", "pids", `kjerne-${one}-cp2`)).split("\n")[0]),
    );
    await until("cp2 to end", 30, async () => !(await labStatus(one)).nodes.cp2?.runs);
    await startLab(one, servers, quiet, native("cp1", "cp2", "cp3"));
    assert.equal(await on("cp1", "cat /proc/sys/kernel/random/boot_id"), first);
    assert.notEqual(await on("cp2", "cat /proc/sys/kernel/random/boot_id"), second);
  });

  /** Answers on port 6443 as an API server does that is ready, and says its name. */
  async function serveReadyz(name: string): Promise<void> {
    await on(
      name,
      `cd /srv && sudo openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=x -keyout key -out cert 2>&1 &&
       printf 'HTTP/1.0 200 OK\\r\\n\\r\\n%s' ${name} | sudo tee name readyz &&
       sudo systemd-run --quiet --working-directory=/srv openssl s_server -HTTP -accept 6443 -key key -cert cert`,
    );
  }
});

test("a lab whose start was killed while it made nodes starts again, and stopLab removes everything of it", async () => {
  const name = `test-${process.pid}-killed`;
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
  const addresses = await startLab(name, servers, quiet, native("cp1", "worker1"));
  assert.equal((await onNode(name, addresses, "worker1", "hostname")).trim(), "worker1");
  await begun("cp1/groups");
  await stopLab(name, quiet);
  assert.deepEqual(await traces(name, addresses.uplink), []);
});

/** What of this machine a node could change: kernel settings outside of namespaces, and mounts. */
async function machineSettings(): Promise<readonly string[]> {
  const settings = await asRoot("sysctl", "--all", "--ignore", "--pattern", "^(vm|kernel|fs)\\.");
  const mounts = (await readFile("/proc/self/mounts", "utf8")).split("\n").filter((line) => !line.includes("netns"));
  return [...settings.split("\n").filter((line) => !counted.test(line)), ...mounts];
}

/** Settings that count something, or that the kernel changes by itself. */
const counted =
  /^(fs\.(dentry-state|inode-|file-nr|quota\.|aio-nr)|kernel\.(random\.|ns_last_pid|pty\.nr|hung_task_detect))/;

async function changesOf(before: readonly string[]): Promise<string[]> {
  const now = await machineSettings();
  return [...before.filter((line) => !now.includes(line)), ...now.filter((line) => !before.includes(line))];
}
