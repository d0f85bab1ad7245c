import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { type PlayedHypervisor, startHypervisor } from "./played-hypervisor";

let hypervisor: PlayedHypervisor;
before(async () => {
  hypervisor = await startHypervisor();
});
after(() => hypervisor.stop());
beforeEach(() =>
  hypervisor.sh(`for pool in $(virsh pool-list --all --name); do virsh pool-destroy $pool || true; virsh pool-undefine $pool; done
    rm -rf /srv/pool /srv/elsewhere`),
);

const oslo = { cluster: "oslo", stack: "kjerne/oslo-prod", hypervisor: "hv1", name: "nodes", path: "/srv/pool" };
const make = (action: string, change: object = {}) => hypervisor.script("storage-pool", action, { ...oslo, ...change });
const remove = (change: object = {}) => hypervisor.script("remove-storage-pool", "delete", { ...oslo, ...change });
const pools = () => hypervisor.sh("virsh pool-list --all --name");
/** Everything that a stranger would miss or find. */
const seen = () =>
  hypervisor.sh(`find /srv/pool /srv/elsewhere -printf '%p %m %T@\\n' 2>/dev/null | sort || true
    for pool in $(virsh pool-list --all --name); do virsh pool-info $pool; virsh pool-dumpxml $pool | grep '<path>'; done`);
async function refused(action: string, expected: RegExp, change: object = {}) {
  const before = await seen();
  await assert.rejects(make(action, change), expected);
  assert.equal(await seen(), before, "a refusal changed something");
}

test("a pool is made, found again by its own stack, and removed without a trace", async () => {
  await make("create");
  assert.match(await seen(), /^\/srv\/pool 711 .*State: *running.*Autostart: *yes/s);
  const made = await hypervisor.sh("cat /srv/pool/.kjerne.json; virsh pool-dumpxml nodes | grep uuid");
  await make("create");
  await make("update");
  assert.equal(await hypervisor.sh("cat /srv/pool/.kjerne.json; virsh pool-dumpxml nodes | grep uuid"), made);
  await remove();
  assert.equal(await seen(), "");
  await remove();
});

test("a creation that was cut off at any point goes on", async () => {
  for (const left of [
    "mkdir -m 711 /srv/pool",
    "mkdir /srv/pool; echo '{' >/srv/pool/.kjerne.json.new",
    "mkdir /srv/pool; touch /srv/pool/.kjerne.json",
    `mkdir /srv/pool; echo '{"cluster": "oslo", "stack": "kjerne/oslo-prod"}' >/srv/pool/.kjerne.json`,
    `mkdir /srv/pool; echo '{"cluster": "oslo", "stack": "kjerne/oslo-prod"}' >/srv/pool/.kjerne.json; virsh pool-define-as nodes dir --target /srv/pool`,
  ]) {
    await hypervisor.sh(left);
    await make("create");
    assert.match(await seen(), /State: *running.*Autostart: *yes/s, left);
    await remove();
    assert.equal(await seen(), "", left);
  }
});

test("somebody's directory, pool or file is refused and stays as it was", async () => {
  await hypervisor.sh("mkdir -m 700 /srv/elsewhere; echo mine >/srv/elsewhere/.hidden; ln -s elsewhere /srv/pool");
  await refused("create", /holds something that this cluster did not put there/);
  await refused("update", /may be somebody else's/);
  await hypervisor.sh("rm /srv/pool; mkdir -m 700 /srv/pool; virsh pool-define-as theirs dir --target /srv/pool");
  await refused("create", /libvirt has a pool theirs in that directory/);
  await refused("update", /libvirt has a pool theirs in that directory/);
  await hypervisor.sh("virsh pool-define-as nodes dir --target /srv/elsewhere");
  await refused("create", /libvirt has a pool of that name, and this cluster did not make it/, { path: "/srv/new" });
  await refused("update", /libvirt has it in \/srv\/elsewhere/, { path: "/srv/new" });
});

test("a pool of another cluster is refused by its name, also when it is updated or removed", async () => {
  await make("create");
  const other = { cluster: "bergen", stack: "kjerne/bergen" };
  await refused("create", /cluster oslo has it, not bergen; choose another pool\.name/, other);
  await refused("update", /cluster oslo has it, not bergen/, other);
  const before = await seen();
  assert.match(await remove(other), /is not of cluster bergen; it stays/);
  assert.equal(await seen(), before);
});

test("a second stack with the same cluster name is refused, and a stack that was renamed is not", async () => {
  await make("create");
  const stack = "kjerne/oslo-test";
  await refused(
    "create",
    /stack kjerne\/oslo-prod made it for a cluster oslo of its own, and this is stack kjerne\/oslo-test/,
    { stack },
  );
  await make("update", { stack });
  await refused("create", /stack kjerne\/oslo-test made it/);
  await make("create", { stack });
});

test("a hypervisor that has another name in the settings keeps its pool when the old name leaves", async () => {
  await make("create");
  await make("create", { hypervisor: "hv-north" });
  const before = await seen();
  assert.match(await remove(), /that of hypervisor hv-north by now; it stays/);
  assert.equal(await seen(), before);
  await remove({ hypervisor: "hv-north" });
  assert.equal(await seen(), "");
});

test("the pool of an older release, which has no mark, is taken over by an update and left alone by everything else", async () => {
  await hypervisor.sh("mkdir -p /srv/pool/worker1; virsh pool-define-as nodes dir --target /srv/pool");
  await refused("create", /this cluster did not make it/);
  const before = await seen();
  assert.match(await remove(), /is not of cluster oslo; it stays/);
  assert.equal(await seen(), before);
  await make("update");
  assert.match(await hypervisor.sh("cat /srv/pool/.kjerne.json"), /"oslo"/);
  assert.equal(await pools(), "nodes");
});

test("removal keeps a directory that holds something, and a pool of the same name that lies elsewhere", async () => {
  await make("create");
  await hypervisor.sh("mkdir /srv/pool/worker1");
  await assert.rejects(remove(), /still holds worker1/);
  assert.match(await seen(), /State: *running/);
  await hypervisor.sh(`rmdir /srv/pool/worker1; virsh pool-destroy nodes; virsh pool-undefine nodes
    mkdir /srv/elsewhere; virsh pool-define-as nodes dir --target /srv/elsewhere`);
  assert.match(await remove(), /pool nodes in \/srv\/elsewhere, which is somebody else's/);
  assert.equal(await pools(), "nodes");
});
