import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { guest, type PlayedHypervisor, startHypervisor } from "./played-hypervisor";

const directory = "/srv/pool/worker1";
const xml = guest("oslo-worker1", "faaad019-8869-8e67-875f-30f380d30a27", "52:54:d3:0c:1c:7a", directory);
let hypervisor: PlayedHypervisor;
before(async () => {
  hypervisor = await startHypervisor();
});
after(() => hypervisor.stop());

/** The running machine of a node, in a pool of the cluster oslo. */
beforeEach(() =>
  hypervisor.sh(`for domain in $(virsh list --all --name); do virsh destroy $domain || true; virsh undefine $domain --managed-save --snapshots-metadata --nvram; done
    rm -rf /srv/pool /srv/elsewhere
    mkdir -m 711 -p ${directory} /srv/elsewhere
    echo '{"cluster": "oslo"}' >/srv/pool/.kjerne.json
    truncate -s 1M ${directory}/root.raw /srv/elsewhere/root.raw
    ${define(xml)}
    virsh start oslo-worker1`),
);

const define = (domain: string) => `virsh define /dev/stdin <<'XML'\n${domain}\nXML`;
const remove = (change: object = {}, before: readonly string[] = []) =>
  hypervisor.script("remove-node", "delete", { cluster: "oslo", name: "worker1", directory, ...change }, before);
const seen = () =>
  hypervisor.sh("virsh list --all --name | sort; virsh list --name; find /srv/pool /srv/elsewhere | sort");
async function gone() {
  await remove();
  assert.equal(await hypervisor.sh("virsh list --all --name; ls /srv/pool"), "");
  await remove();
}

test("a running machine goes with its disks, and a second removal finds nothing to do", gone);

test("a machine with saved memory goes", async () => {
  await hypervisor.sh("virsh managedsave oslo-worker1");
  await gone();
  assert.equal(await hypervisor.sh("ls /var/lib/libvirt/qemu/save"), "");
});

test("a machine with snapshots goes", async () => {
  await hypervisor.sh("virsh snapshot-create-as oslo-worker1 before --disk-only");
  await gone();
});

test("a machine with variables of its firmware goes", async () => {
  const nvram = "/var/lib/libvirt/qemu/nvram/oslo-worker1.fd";
  const loader = `<loader readonly="yes" type="pflash">/srv/firmware.fd</loader><nvram>${nvram}</nvram></os>`;
  await hypervisor.sh(
    `virsh destroy oslo-worker1; touch /srv/firmware.fd ${nvram}\n${define(xml.replace("</os>", loader))}`,
  );
  await gone();
  assert.equal(await hypervisor.sh(`ls ${nvram} 2>/dev/null || echo gone`), "gone");
});

test("a machine that an older release named by the node alone goes", async () => {
  await hypervisor.sh(`virsh destroy oslo-worker1; virsh undefine oslo-worker1; ${define(xml.replace("oslo-", ""))}`);
  await gone();
});

test("a machine of the same name with somebody's disks stays and goes on running", async () => {
  await hypervisor.sh(`virsh destroy oslo-worker1; virsh undefine oslo-worker1
    ${define(xml.replace(directory, "/srv/elsewhere"))}
    virsh start oslo-worker1`);
  await remove();
  assert.equal(
    await hypervisor.sh("virsh list --name; find /srv/pool /srv/elsewhere -name '*.raw'"),
    "oslo-worker1\n\n/srv/elsewhere/root.raw",
  );
});

test("a pool of another cluster or without its mark, a disk of somebody, a silent libvirt: nothing is removed", async () => {
  const before = await seen();
  assert.match(
    await remove({ cluster: "bergen" }),
    /is of cluster oslo: nothing there was made by this one, and it stays/,
  );
  await assert.rejects(
    remove({}, ["env", "LIBVIRT_DEFAULT_URI=qemu+unix:///system?socket=/run/none"]),
    /Failed to connect/,
  );
  assert.equal(await seen(), before);

  await hypervisor.sh("virsh attach-disk oslo-worker1 /srv/elsewhere/root.raw vdb --config");
  await hypervisor.sh("virsh destroy oslo-worker1");
  await assert.rejects(
    remove(),
    /oslo-worker1 has disks of \/srv\/pool\/worker1 and others: .*\/srv\/elsewhere\/root\.raw/,
  );
  await hypervisor.sh("echo >/srv/pool/.kjerne.json");
  await assert.rejects(remove(), /nobody can tell whose/);
  await hypervisor.sh("rm /srv/pool/.kjerne.json");
  await assert.rejects(remove(), /has no mark \.kjerne\.json, so that nobody can tell whose/);
  assert.match(await seen(), /oslo-worker1[\s\S]*\/srv\/pool\/worker1\/root\.raw/);
});
