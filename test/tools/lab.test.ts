import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, readdir, readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { cached } from "../../tools/cache";
import { privateApt } from "../../tools/debian-sources";
import { onHypervisor } from "../../tools/lab/hypervisor";
import { startLab, stopLab } from "../../tools/lab/lab";
import { claimedIndex } from "../../tools/lab/links";
import { initOf, inside } from "../../tools/lab/machine-processes";
import { type LabAddresses, labAddresses, labFiles } from "../../tools/lab/plan";
import { labStatus } from "../../tools/lab/status";
import { until } from "../../tools/lab/until";
import { asRoot, run } from "../../tools/run";
import { Neighbour } from "./lab/neighbour";
import { traces } from "./lab/traces";

const one = `test-${process.pid}-one`;
const other = `test-${process.pid}-other`;
const servers = () => [
  { name: "apt", argv: ["python3", "-m", "http.server", "80", "--directory", "/usr/share/doc/apt"] },
];
const quiet = () => {};

describe("a lab", () => {
  let lab: LabAddresses;
  let otherLab: LabAddresses;

  before(async () => {
    [lab, otherLab] = await Promise.all([startLab(one, servers, quiet), startLab(other, servers, quiet)]);
  });
  after(async () => {
    await Promise.all([stopLab(one, quiet), stopLab(other, quiet)]);
    assert.deepEqual([...(await traces(one, lab.uplink)), ...(await traces(other, otherLab.uplink))], []);
  });

  test("a lab's hypervisor takes commands by SSH, and the lab's mirror serves files", async () => {
    assert.match(await onHypervisor(one, lab, "virsh -c qemu:///system uri"), /qemu:\/\/\/system/);
    const page = await onHypervisor(
      one,
      lab,
      `python3 -c 'import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1]).status)' http://${lab.mirror}/`,
    );
    assert.equal(page.trim(), "200");
    const { machines, escapes } = await labStatus(one);
    assert.deepEqual(machines, {
      router: { bird: true },
      hypervisor: { libvirtd: true, sshd: true, virtlogd: true },
      mirror: { apt: true },
    });
    assert.equal(escapes, 0);
  });

  test("a lab's hypervisor boots a guest on the bridge, and QEMU runs as an unprivileged user", async () => {
    const { pool } = labFiles(one);
    await copyFile(join(await kernel(), "vmlinuz"), join(pool, "vmlinuz"));
    const definition = await readFile(join(__dirname, "lab/guest.xml"), "utf8");
    await onHypervisor(one, lab, `virsh -c qemu:///system create /dev/stdin <<'XML'\n${definition}\nXML`);
    assert.match(await onHypervisor(one, lab, "ps -C qemu-system-x86_64 -o user:20="), /^libvirt-qemu\s*$/);
    assert.match(await onHypervisor(one, lab, "bridge link show master br0"), /vnet\d/);
    const serial = async () => asRoot("cat", join(pool, "guest.log"));
    await until("the guest's kernel to miss its root", 60, async () =>
      (await serial()).includes("Unable to mount root fs"),
    );
    assert.equal((await onHypervisor(other, otherLab, "virsh -c qemu:///system list --name")).trim(), "");
  });

  test("a lab's router opens a BGP session to a node with the right password and to no other", async (t) => {
    const password = await readFile(labFiles(one).bgpPassword, "utf8");
    const stranger = await Neighbour.start(one, lab, 52, "wrong");
    t.after(() => stranger.stop());
    const node = await Neighbour.start(one, lab, 51, password);
    t.after(() => node.stop());
    const nodeAddress = lab.nodeNetwork.replace("0/24", "51");
    await until("the node's route", 30, async () => (await labStatus(one)).sessions.some(({ routes }) => routes === 1));
    await until("the router to refuse the stranger", 30, async () => (await md5Failures(one)) > 0);
    assert.deepEqual((await labStatus(one)).sessions, [{ neighbour: nodeAddress, state: "Established", routes: 1 }]);
    assert.doesNotMatch(await stranger.session(), /Established/);

    const routes = await inside(one, "router", "ip", "route", "show", "proto", "bird");
    assert.equal(routes.trim().split(" ").slice(0, 3).join(" "), `10.244.51.0/26 via ${nodeAddress}`);
    assert.match(await inside(one, "router", "ping", "-c", "1", "-W", "5", "10.244.51.1"), / 0% packet loss/);
    assert.match(await node.session(), /Routes:\s+0 imported, 2 exported/);
  });

  test("a lab's hypervisor cannot reach any address outside, not even that of another lab", async () => {
    for (const target of ["192.0.2.1", otherLab.hypervisor]) {
      await assert.rejects(inside(one, "hypervisor", "ping", "-c", "1", "-W", "2", target), {
        stdout: /100% packet loss/,
      });
    }
    const { attempts, escapes } = await labStatus(one);
    assert.deepEqual(attempts.map(({ to }) => to).sort(), ["192.0.2.1", otherLab.hypervisor].sort());
    assert.equal(escapes, 0);
  });

  test("a lab counts packets that its router sends through the host to other addresses", async () => {
    await inside(one, "router", "ip", "route", "add", "192.0.2.0/24", "via", lab.host);
    await assert.rejects(inside(one, "hypervisor", "ping", "-c", "1", "-W", "1", "192.0.2.1"));
    await inside(one, "router", "ip", "route", "delete", "192.0.2.0/24");
    assert.equal((await labStatus(one)).escapes, 1);
  });

  test("nobody in a lab reaches a port of the host over the uplink, and each try is counted", async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, lab.host);
    await once(server, "listening");
    let connections = 0;
    server.on("connection", () => connections++);
    const { port } = server.address() as AddressInfo;
    const before = (await labStatus(one)).escapes ?? 0;
    const connect = `timeout 5 bash -c 'exec 3<>/dev/tcp/${lab.host}/${port}'`;
    for (const role of ["hypervisor", "router", "mirror"] as const) {
      await assert.rejects(inside(one, role, "sh", "-c", connect), role);
    }
    await assert.rejects(inside(one, "hypervisor", "ping", "-c", "1", "-W", "2", lab.host));
    assert.equal(connections, 0);
    const { escapes = 0 } = await labStatus(one);
    assert.ok(escapes >= before + 4, `${before} before, ${escapes} after three connections and a ping`);
    server.close();
  });

  test("files that a lab's hypervisor writes are not on the host, and it cannot set host-wide sysctls", async () => {
    await onHypervisor(one, lab, `touch /etc/${one} /usr/lib/${one} /tmp/${one} && sysctl -qw net.ipv4.ip_forward=1`);
    assert.deepEqual([`/etc/${one}`, `/usr/lib/${one}`, `/tmp/${one}`].filter(existsSync), []);
    await assert.rejects(onHypervisor(one, lab, "sysctl -w vm.swappiness=1"), /permission denied/);
  });

  test("a lab started with another server on its mirror stops the previous server", async () => {
    const elsewhere = () => [{ name: "apt", argv: ["python3", "-m", "http.server", "81"] }];
    await startLab(other, elsewhere, quiet);
    const listening = await inside(other, "mirror", "ss", "-Hltn");
    assert.match(listening, /:81\s/);
    assert.doesNotMatch(listening, /:80\s/);
  });

  test("starting a lab again leaves running machines alone and restarts those that ended", async () => {
    await onHypervisor(one, lab, "touch /etc/kept");
    const [router, hypervisor] = [await initOf(one, "router"), await initOf(one, "hypervisor")];
    await asRoot("kill", "-s", "KILL", String(hypervisor));
    await until("the hypervisor to end", 20, async () => (await initOf(one, "hypervisor")) === undefined);
    assert.deepEqual(await startLab(one, servers, quiet), lab);
    assert.equal(await initOf(one, "router"), router);
    assert.notEqual(await initOf(one, "hypervisor"), hypervisor);
    assert.equal((await onHypervisor(one, lab, "ls /etc/kept")).trim(), "/etc/kept");
  });
});

test("stopLab removes everything of a lab whose start was killed", async () => {
  const name = `test-${process.pid}-killed`;
  const start = spawn(process.execPath, ["--import", "tsx", join(__dirname, "lab/start.ts"), name], {
    stdio: "ignore",
  });
  const ended = once(start, "exit");
  await until("its router to run", 30, async () => (await initOf(name, "router")) !== undefined);
  start.kill("SIGKILL");
  await ended;
  const index = await claimedIndex(name);
  assert.ok(index !== undefined);
  await stopLab(name, quiet);
  assert.deepEqual(await traces(name, labAddresses(index).uplink), []);
  await stopLab(name, quiet);
});

/** Downloads Debian's kernel from this machine's own apt sources. */
async function kernel(): Promise<string> {
  const apt = await privateApt();
  await asRoot("apt-get", ...apt, "--error-on=any", "update");
  const listed = await run("apt-cache", [...apt, "depends", "linux-image-cloud-amd64"]);
  const name = /Depends: (linux-image-\S+)/.exec(listed)?.[1];
  assert.ok(name, listed);
  return cached("test-kernel", [name], async (directory) => {
    await run("sh", ["-euc", 'cd "$1"; shift; exec "$@"', "sh", directory, "apt-get", ...apt, "download", name]);
    const [deb] = (await readdir(directory)).filter((file) => file.endsWith(".deb"));
    await run("dpkg-deb", ["--extract", join(directory, deb ?? ""), directory]);
    const boot = join(directory, "boot");
    const [image] = (await readdir(boot)).filter((file) => file.startsWith("vmlinuz-"));
    await copyFile(join(boot, image ?? ""), join(directory, "vmlinuz"));
  });
}

/** Segments that the router's kernel dropped for their TCP-MD5 signature. */
async function md5Failures(lab: string): Promise<number> {
  const counters = await inside(lab, "router", "nstat", "-asz", "TcpExtTCPMD5Failure");
  return Number(/TcpExtTCPMD5Failure\s+(\d+)/.exec(counters)?.[1]);
}
