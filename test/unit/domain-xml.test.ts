import assert from "node:assert/strict";
import { test } from "node:test";
import { XMLParser } from "fast-xml-parser";
import { type DomainFacts, domainXml } from "../../components/node/domain-xml";
import { identityOf } from "../../components/node/identity";
import { assertGolden } from "./golden";

const worker: DomainFacts = {
  cluster: "oslo",
  name: "worker1",
  type: "kvm",
  cpus: 2,
  memoryMiB: 4096,
  bridge: "br0",
  mtu: 9000,
  directory: "/var/lib/kjerne/pool/worker1",
  etcdDisk: false,
};
const controlPlane: DomainFacts = {
  ...worker,
  name: "cp1",
  directory: "/var/lib/kjerne/pool/cp1",
  etcdDisk: true,
  pinnedCpus: [4, 5],
  housekeepingCpus: [2, 3],
};

// biome-ignore lint/suspicious/noExplicitAny: parsed XML
const parsed = (facts: DomainFacts): any =>
  new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "@" }).parse(domainXml(facts)).domain;

test("a control plane with pinned CPUs gets the reviewed libvirt domain", () =>
  assertGolden("domain/cp1-kvm.xml", domainXml(controlPlane)));

test("a worker under software emulation gets the reviewed libvirt domain", () =>
  assertGolden("domain/worker1-qemu.xml", domainXml({ ...worker, type: "qemu", mtu: 1500 })));

test("a second card is on the fabric's bridge with its MTU, after the first, and both have addresses of their own", () => {
  const { devices } = parsed({ ...worker, mtu: 1500, fabric: { bridge: "fabric", mtu: 9000 } });
  const { mac, fabricMac } = identityOf("oslo", "worker1");
  assert.notEqual(mac, fabricMac);
  assert.deepEqual(
    (devices.interface as (typeof devices)[]).map((card) => [
      card.source["@bridge"],
      card.mtu["@size"],
      card.mac["@address"],
    ]),
    [
      ["br0", "1500", mac],
      ["fabric", "9000", fabricMac],
    ],
  );
});

test("every data disk bypasses the host's page cache and has its own I/O thread", () => {
  const { iothreads, devices } = parsed(controlPlane);
  const drivers = devices.disk
    .filter((disk: object) => !("readonly" in disk))
    .map((disk: { driver: never }) => disk.driver);
  assert.equal(drivers.length, 2);
  for (const driver of drivers)
    assert.deepEqual([driver["@cache"], driver["@io"], driver["@type"]], ["none", "native", "raw"]);
  assert.deepEqual(
    drivers.map((driver: never) => driver["@iothread"]),
    ["1", "2"],
  );
  assert.equal(iothreads, 2);
});

test("CPU vulnerability mitigations are off only on an emulated processor", () => {
  assert.doesNotMatch(parsed(worker).os.cmdline, /mitigations/);
  assert.match(parsed({ ...worker, type: "qemu" }).os.cmdline, /mitigations=off/);
});

test("a machine has no graphics or video device, only a serial console with a log file", () => {
  const { devices } = parsed(worker);
  assert.ok(!("graphics" in devices) && !("video" in devices));
  assert.equal(devices.serial.log["@file"], "/var/lib/kjerne/pool/worker1/console.log");
});

test("a machine's UUID and MAC address are valid, and no two nodes of any clusters share one", () => {
  assert.deepEqual(identityOf("oslo", "cp1"), identityOf("oslo", "cp1"));
  const many = ["oslo", "bergen"].flatMap((cluster) =>
    Array.from({ length: 250 }, (_, i) => identityOf(cluster, `worker${i}`)),
  );
  for (const key of ["domain", "uuid", "mac"] as const)
    assert.equal(new Set(many.map((identity) => identity[key])).size, many.length);
  for (const { uuid, mac } of many) {
    assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.match(mac, /^52:54(:[0-9a-f]{2}){4}$/);
  }
});
