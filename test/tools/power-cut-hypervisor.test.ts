import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { guest, type PlayedHypervisor, startHypervisor } from "./played-hypervisor";
import { changing, cutInTurn, cutting, trap } from "./power-cut";

let hypervisor: PlayedHypervisor;
before(async () => {
  hypervisor = await startHypervisor();
  await hypervisor.sh(`cat >/srv/trap <<'END'\n${trap}\nEND`);
});
after(() => hypervisor.stop());

const directory = "/srv/pool/worker1";
const worker1 = {
  ...{ cluster: "oslo", name: "worker1", directory, image: "/srv/image", preallocated: false },
  madeOf: { rootGiB: 1, etcdGiB: 0, address: "192.0.2.41" },
  domain: guest("oslo-worker1", "faaad019-8869-8e67-875f-30f380d30a27", "52:54:d3:0c:1c:7a", directory),
  ...{ userData: {}, networkConfig: {} },
};
const pool = { cluster: "oslo", stack: "kjerne/oslo", hypervisor: "hv1", name: "nodes", path: "/srv/pool" };
const nothing = `for domain in $(virsh list --all --name); do virsh destroy $domain || true; virsh undefine $domain; done
  for pool in $(virsh pool-list --all --name); do virsh pool-destroy $pool || true; virsh pool-undefine $pool; done
  rm -rf /srv/pool`;
const itsPool = `mkdir -m 711 /srv/pool; echo '{"cluster": "oslo"}' >/srv/pool/.kjerne.json`;

/** Files with mode and size, machines, pools, and how they are defined; not what a machine that runs writes. */
const seen = () =>
  hypervisor.sh(`find /srv/pool ! -name console.log -printf '%p %m %s\\n' 2>/dev/null | sort || true
    for domain in $(virsh list --all --name); do
      virsh domstate $domain; virsh dominfo $domain | grep Autostart; virsh dumpxml --inactive $domain
    done
    for pool in $(virsh pool-list --all --name); do virsh pool-info $pool | grep -E 'Name|State|Autostart'; done`);

const cut = (name: string, action: string, stdin: object, before: () => Promise<unknown>) =>
  cutInTurn({
    reset: async () => {
      await hypervisor.sh(`: >/srv/log; ${nothing}`);
      await before();
    },
    run: (cut) => hypervisor.script(name, action, stdin, cut ? cutting("/srv/trap", "/srv/log", changing) : []),
    log: () => hypervisor.sh("cat /srv/log"),
    seen,
  });
const script = (name: string, action: string, stdin: object) => hypervisor.script(name, action, stdin);

test("create-node.sh that is killed before any of its changes makes the same machine when it runs again", async () => {
  assert.ok((await cut("create-node", "create", worker1, () => hypervisor.sh(itsPool))) > 13);
});

test("remove-node.sh that is killed before any of its changes leaves nothing when it runs again", async () => {
  const made = async () => {
    await hypervisor.sh(itsPool);
    await script("create-node", "create", worker1);
  };
  assert.ok((await cut("remove-node", "delete", worker1, made)) >= 3);
});

test("storage-pool.sh that is killed before any of its changes makes the same pool when it runs again", async () => {
  assert.ok((await cut("storage-pool", "create", pool, async () => {})) >= 6);
});

test("remove-storage-pool.sh that is killed before any of its changes leaves nothing when it runs again", async () => {
  assert.ok((await cut("remove-storage-pool", "delete", pool, () => script("storage-pool", "create", pool))) >= 4);
});
