import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { guest, type PlayedHypervisor, startHypervisor } from "./played-hypervisor";

let hypervisor: PlayedHypervisor;
before(async () => {
  hypervisor = await startHypervisor();
});
after(() => hypervisor.stop());
beforeEach(() =>
  hypervisor.sh(`for domain in $(virsh list --all --name); do virsh destroy $domain || true; virsh undefine $domain --managed-save --snapshots-metadata --nvram; done
    umount /srv/pool 2>/dev/null || true
    rm -rf /srv/pool /srv/elsewhere
    mkdir -m 711 /srv/pool /srv/elsewhere
    echo '{"cluster": "oslo", "stack": "kjerne/oslo"}' >/srv/pool/.kjerne.json`),
);

const uuid = "faaad019-8869-8e67-875f-30f380d30a27";
const mac = "52:54:d3:0c:1c:7a";
const directory = "/srv/pool/worker1";
const domain = (cpus = 1) => guest("oslo-worker1", uuid, mac, directory, cpus);
const madeOf = { rootGiB: 1, etcdGiB: 0, address: "192.0.2.41" };
const worker1 = {
  ...{ cluster: "oslo", name: "worker1", directory, madeOf, image: "/srv/image", preallocated: false },
  ...{ domain: domain(), userData: {}, networkConfig: {} },
};
const make = (action: string, change: object = {}) =>
  hypervisor.script("create-node", action, { ...worker1, ...change });
const remove = (change: object = {}) => hypervisor.script("remove-node", "delete", { ...worker1, ...change });
/** Machines, which process runs each, how each is defined, and every file below the pools. */
const seen = () =>
  hypervisor.sh(`for domain in $(virsh list --all --name); do
      echo "$domain $(virsh domstate $domain | head -n 1) $(cat /run/libvirt/qemu/$domain.pid 2>/dev/null || true)"
      virsh dumpxml --inactive $domain
    done
    find /srv/pool /srv/elsewhere -type f -printf '%p %i %C@\\n' | grep -vE '/(root.raw|console.log) ' | sort`);
const machines = () => hypervisor.sh("virsh list --all --name");
const running = () => hypervisor.sh("virsh list --name | sort | grep .");
async function untouched(refused: Promise<unknown>, expected: RegExp) {
  const before = await seen();
  await assert.rejects(refused, expected);
  assert.equal(await seen(), before, "a refusal changed something");
}
/** As storage pool and node of the first release, whose machine had the node's name alone and no mark. */
async function olderRelease() {
  const xml = guest("worker1", "81b7bb3b-5e20-8744-8c6a-5eb167dea623", "52:54:c7:21:28:b7", directory);
  await make("create", { domain: xml });
  await hypervisor.sh(`cat >${directory}/domain.xml <<'XML'\n${xml}\nXML\nrm ${directory}/image`);
}

test("a machine is made once, and an update or a second creation neither stops nor redefines it", async () => {
  const made = JSON.parse(await make("create"));
  assert.match(made.hostKey, /^ssh-ed25519 /);
  assert.equal(await running(), "oslo-worker1");
  const before = await seen();
  for (const action of ["update", "create"]) assert.deepEqual(JSON.parse(await make(action)), made);
  assert.equal(await seen(), before);
});

test("another number of CPUs waits for the machine's next start", async () => {
  await make("create");
  const process = await hypervisor.sh("cat /run/libvirt/qemu/oslo-worker1.pid");
  await make("update", { domain: domain(2) });
  assert.match(await hypervisor.sh("virsh dumpxml --inactive oslo-worker1"), /<vcpu placement='static'>2</);
  assert.equal(await hypervisor.sh("cat /run/libvirt/qemu/oslo-worker1.pid"), process);
});

/** With a second card, on a bridge of its own. */
const twoCards = (fabricMac: string) =>
  domain().replace(
    "<memballoon",
    `<interface type="bridge"><mac address="${fabricMac}"/><source bridge="fabric"/><model type="virtio"/><rom enabled="no"/></interface>\n    <memballoon`,
  );

test("a machine that runs gets a second card at its next start, and keeps the first as it is", async () => {
  await make("create");
  const process = await hypervisor.sh("cat /run/libvirt/qemu/oslo-worker1.pid");
  await make("update", { domain: twoCards("52:54:00:00:00:fa") });
  const macs = await hypervisor.sh("virsh dumpxml --inactive oslo-worker1 | grep -o \"mac address='.*'\"");
  assert.equal(macs, `mac address='${mac}'\nmac address='52:54:00:00:00:fa'`);
  assert.equal(await hypervisor.sh("cat /run/libvirt/qemu/oslo-worker1.pid"), process);
});

test("a machine of an older release keeps name, UUID and MAC address, and is neither stopped nor redefined", async () => {
  await olderRelease();
  const before = await seen();
  await make("update");
  assert.equal(await seen(), before);
  await make("update", { domain: domain(2) });
  const xml = await hypervisor.sh("virsh dumpxml --inactive worker1");
  for (const kept of ["81b7bb3b-5e20-8744-8c6a-5eb167dea623", "52:54:c7:21:28:b7", "'>2</vcpu>"])
    assert.ok(xml.includes(kept), kept);
  assert.equal(await machines(), "worker1");
  await remove();
  assert.equal(await machines(), "");
});

test("a cluster beside an older one makes its own worker1, and removing it leaves the other's", async () => {
  await olderRelease();
  const theirs = await seen();
  const ours = { cluster: "bergen", directory: "/srv/elsewhere/worker1" };
  await hypervisor.sh(`echo '{"cluster": "bergen"}' >/srv/elsewhere/.kjerne.json`);
  const xml = guest("bergen-worker1", "11111111-8869-8e67-875f-30f380d30a27", "52:54:00:00:00:02", ours.directory);
  await make("create", { ...ours, domain: xml });
  assert.equal(await running(), "bergen-worker1\nworker1");
  await remove(ours);
  await hypervisor.sh("rm /srv/elsewhere/.kjerne.json");
  assert.equal(await seen(), theirs);
});

test("somebody's machine, pool or directory is refused with its name and stays as it was", async () => {
  await hypervisor.sh(`truncate -s 1M /srv/elsewhere/root.raw; virsh define /dev/stdin <<'XML'
${guest("oslo-worker1", "22222222-8869-8e67-875f-30f380d30a27", mac, "/srv/elsewhere")}\nXML\nvirsh start oslo-worker1`);
  for (const action of ["create", "update"])
    await untouched(
      make(action),
      /a virtual machine oslo-worker1 is here already, with disks outside \/srv\/pool\/worker1/,
    );
  await untouched(make("create", { cluster: "bergen" }), /its pool \/srv\/pool belongs to oslo, not to cluster bergen/);
  await hypervisor.sh(
    `mkdir ${directory}; echo mine >${directory}/notes; virsh destroy oslo-worker1; virsh undefine oslo-worker1`,
  );
  await untouched(make("create"), /\/srv\/pool\/worker1 is there already and was not made by kjerne/);
  await hypervisor.sh("rm /srv/pool/.kjerne.json");
  await untouched(make("create"), /belongs to nobody, not to cluster oslo/);
});

test("an image larger than the disk, and an address that answers, are refused before anything is made", async () => {
  await hypervisor.sh("mkdir -p /srv/large; truncate -s 1025M /srv/large/root.raw");
  await untouched(
    make("create", { image: "/srv/large" }),
    /rootGiB is 1 and its image needs 2; set rootGiB to 2 or more/,
  );
  await untouched(
    make("create", { madeOf: { ...madeOf, address: "192.0.2.1" } }),
    /its address 192\.0\.2\.1 answers already/,
  );
  assert.equal(await hypervisor.sh("ls /srv/pool"), "");
});

test("a MAC address that another machine of the hypervisor has is refused with its name, before anything is made", async () => {
  const theirs = guest("theirs", "22222222-8869-8e67-875f-30f380d30a27", mac.toUpperCase(), "/srv/elsewhere");
  await hypervisor.sh(`virsh define /dev/stdin <<'XML'\n${theirs}\nXML`);
  await untouched(make("create"), /its MAC address 52:54:d3:0c:1c:7a is that of the virtual machine theirs: give/);
  // The second card of a machine that runs, likewise.
  const free = "52:54:00:00:00:f1";
  const first = (xml: string) => xml.replace(mac, free);
  await make("create", { domain: first(domain()) });
  await untouched(
    make("update", { domain: first(twoCards(mac)) }),
    /its MAC address 52:54:d3:0c:1c:7a is that of the virtual machine theirs: give/,
  );
});

test("a disk that fills up gives its space back", async () => {
  await hypervisor.sh(
    'mount -t tmpfs -o size=64M none /srv/pool; echo \'{"cluster": "oslo"}\' >/srv/pool/.kjerne.json',
  );
  await untouched(make("create", { preallocated: true }), /No space left on device/);
  assert.equal(await hypervisor.sh("ls /srv/pool"), "");
});

test("an update says that the disks are lost, or made of something else, and makes nothing", async () => {
  await untouched(make("update"), /is not there any more: its disks are lost, or this is another hypervisor/);
  await make("create");
  await untouched(make("update", { madeOf: { ...madeOf, rootGiB: 2 } }), /rootGiB is 1, asked 2/);
});

test("a creation that was killed in the middle is finished by the next one", async () => {
  await hypervisor.sh(`mkdir -p ${directory}.unfinished/seed; truncate -s 5M ${directory}.unfinished/root.raw`);
  await make("create");
  assert.equal(await hypervisor.sh("ls /srv/pool"), "worker1");
  await hypervisor.sh(`virsh destroy oslo-worker1; mv ${directory}/domain.xml ${directory}/domain.wanted.xml`);
  await make("create"); // killed when libvirt had the machine
  await hypervisor.sh(`virsh destroy oslo-worker1; virsh undefine oslo-worker1; rm ${directory}/domain.xml`);
  await make("create"); // killed before
  assert.equal(await running(), "oslo-worker1");
});
