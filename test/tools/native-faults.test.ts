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
});
