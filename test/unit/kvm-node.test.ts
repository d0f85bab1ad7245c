import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Hypervisor } from "../../components/hypervisor/hypervisor";
import { NodeImage } from "../../components/image/node-image";
import { KvmNode, type KvmNodeArgs } from "../../components/node/kvm-node";

const answer = JSON.stringify({ domainType: "kvm", hostKey: "ssh-ed25519 x", instanceId: "1", definition: "1" });
/** What the machine was asked to be last. */
let machine: { triggers: string[]; stdin: string };

pulumi.runtime.setMocks({
  newResource: async ({ name, type, inputs }) => {
    if (type === "command:remote:Command" && name === "worker1-machine") machine = inputs;
    return { id: `${name}-id`, state: { ...inputs, stdout: answer } };
  },
  call: () => ({}),
});

const hypervisor = new Hypervisor("hv1", {
  address: "10.20.0.2",
  hostKey: "ssh-ed25519 x",
  privateKey: "",
  pool: { name: "kjerne", path: "/var/lib/kjerne/pool", medium: "nvme" },
  bridge: "br0",
  virtualisation: "kvm",
  asked: [],
  packages: [],
});
const image = (name: string, ...packages: string[]) =>
  new NodeImage(name, { hypervisor, sources: [], packages, images: {} });
const [earlier, later] = [image("earlier"), image("later", "fio")];

async function asked(facts: Partial<KvmNodeArgs> = {}): Promise<typeof machine> {
  const base = { address: "10.20.0.31", prefixLength: 24, gateway: "10.20.0.1", cpus: 2, memoryMiB: 4096, rootGiB: 20 };
  const ssh = { publicKey: "ssh-ed25519 y", privateKey: "" };
  const node = new KvmNode("worker1", { hypervisor, image: earlier, site: {}, ...base, ssh, ...facts });
  await new Promise((resolve) => node.connection.apply(resolve));
  return machine;
}

test("a running machine keeps its disks when there is a new image, more memory or more CPUs", async () => {
  const before = await asked();
  for (const facts of [{ image: later }, { memoryMiB: 8192 }, { cpus: 4 }]) {
    const after = await asked(facts);
    assert.deepEqual(after.triggers, before.triggers, Object.keys(facts).join());
    assert.notEqual(after.stdin, before.stdin);
  }
});

test("another disk, address or key is another machine", async () => {
  const before = await asked();
  const ssh = { publicKey: "ssh-ed25519 z", privateKey: "" };
  for (const facts of [{ rootGiB: 30 }, { etcdGiB: 8 }, { address: "10.20.0.32" }, { ssh }]) {
    assert.notDeepEqual((await asked(facts)).triggers, before.triggers, Object.keys(facts).join());
  }
});
