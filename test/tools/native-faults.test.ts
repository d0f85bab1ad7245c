import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startLab, stopLab } from "../../tools/lab/lab";
import { inside } from "../../tools/lab/machine-processes";
import { cutPower, fillDisk, freeDisk, plug, restart, start, unplug } from "../../tools/lab/native/faults";
import { onNode } from "../../tools/lab/native/node";
import { insideNode } from "../../tools/lab/native/node-processes";
import { type LabAddresses, labFiles, nodeAddress } from "../../tools/lab/plan";
import { labStatus } from "../../tools/lab/status";
import { until } from "../../tools/lab/until";
import { run } from "../../tools/run";
import { nativeNodes, servers } from "./lab/native-lab";

const one = `test-${process.pid}-faults`;
const quiet = () => {};

describe("what happens to native nodes", () => {
  let lab: LabAddresses;

  before(async () => {
    lab = await startLab(one, servers, quiet, await nativeNodes("cp1", "cp2", "cp3"));
  });
  after(() => stopLab(one, quiet));

  const on = (name: string, command: string) => onNode(one, lab, name, command);
  const pinged = async (name: string) =>
    inside(one, "router", "ping", "-c", "1", "-W", "1", nodeAddress(lab, name)).then(
      () => true,
      () => false,
    );

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

  test("a native node whose power is cut while it reboots can be started again", async () => {
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
      const ask = () => run("python3", ["-c", program, `https://${lab.loadBalancer}:6443/name`]).catch(() => "none");
      return new Set(await Promise.all([ask(), ask(), ask(), ask()]));
    };
    for (const name of ["cp1", "cp2", "cp3"]) await serveReadyz(name);
    await until("three control planes behind one address", 30, async () => (await answers()).size === 3);
    t.after(() => start(one, lab, "cp1"));
    await cutPower(one, "cp1");
    await on("cp2", "printf 'HTTP/1.0 500 not ready\\r\\n\\r\\n' | sudo tee /srv/readyz");
    await until("only the third to be asked", 30, async () => [...(await answers())].join() === "b'cp3'\n");
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
