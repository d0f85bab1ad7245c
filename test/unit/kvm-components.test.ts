import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { Hypervisor, type HypervisorArgs } from "../../components/hypervisor/hypervisor";
import { NodeImage, type NodeImageArgs } from "../../components/image/node-image";
import { KvmNode, type KvmNodeArgs } from "../../components/node/kvm-node";
import { isSecret } from "../../tools/engine-values";
import { archiveKey, publicKeyOf } from "./key-samples";

interface Registered {
  readonly type: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs as the engine sees them
  readonly inputs: any;
}
let registered: Registered[] = [];
const triggers: Record<string, unknown> = {};

const printed: Record<string, unknown> = {
  "hv1-preflight": { domainType: "kvm" },
  "hv2-preflight": { domainType: "kvm" },
  "cp1-machine": { hostKey: "ssh-ed25519 AAAAnode", instanceId: "first", definition: "d" },
};

pulumi.runtime.setMocks({
  newResource(args) {
    registered.push({ type: args.type, name: args.name, inputs: args.inputs });
    return { id: `${args.name}-id`, state: { ...args.inputs, stdout: JSON.stringify(printed[args.name] ?? "") } };
  },
  call(args) {
    throw new Error(`unexpected call ${args.token}`);
  },
});

beforeEach(() => {
  registered = [];
});

const source = { uri: "http://10.0.0.3/apt", suite: "bookworm", components: ["main"], publicKey: archiveKey };
const hypervisor: HypervisorArgs = {
  cluster: "oslo",
  address: "10.20.0.11",
  hostKey: publicKeyOf("hv1"),
  privateKey: pulumi.secret("private"),
  pool: { name: "kjerne", path: "/pool", medium: "nvme" },
  bridge: "br0",
  virtualisation: "kvm",
  asked: [{ name: "cp1", memoryMiB: 4096, diskGiB: 48 }],
  packages: [source],
};
const image: Omit<NodeImageArgs, "hypervisor"> = {
  sources: [source],
  packages: ["kubeadm=1.36.3-1", "containerd"],
  images: { "registry.example/pause:3": "sha256:aa" },
};
const node: Omit<KvmNodeArgs, "hypervisor" | "image"> = {
  site: { country: "NO" },
  address: "10.20.0.31",
  prefixLength: 24,
  gateway: "10.20.0.1",
  cpus: 4,
  memoryMiB: 4096,
  rootGiB: 40,
  etcdGiB: 8,
  ssh: { publicKey: publicKeyOf("operator"), privateKey: "private" },
};

const watch: pulumi.ResourceTransformation = ({ name, opts }) => {
  triggers[name] = (opts as pulumi.CustomResourceOptions).replacementTrigger;
  return undefined;
};

interface Change {
  readonly node?: Partial<KvmNodeArgs>;
  readonly image?: Partial<NodeImageArgs>;
  readonly hypervisor?: Partial<HypervisorArgs>;
  /** Name of the hypervisor. */
  readonly on?: string;
  /** Image that the machine was made from. */
  readonly runs?: string;
}

/** Registers a hypervisor, an image and a node with changed arguments; gives the node's resolved outputs. */
async function deploy(change: Change = {}) {
  const hv = new Hypervisor(change.on ?? "hv1", { ...hypervisor, ...change.hypervisor });
  const built = new NodeImage("hv1-image", { hypervisor: hv, ...image, ...change.image });
  printed["cp1-machine"] = { ...(printed["cp1-machine"] as object), image: change.runs ?? built.imageName };
  const cp1 = new KvmNode(
    "cp1",
    { hypervisor: hv, image: built, ...node, ...change.node },
    { transformations: [watch] },
  );
  const known = await new Promise<{ connection: Record<string, unknown>; instanceId: string }>((resolve) =>
    pulumi
      .all([cp1.connection, cp1.instanceId])
      .apply(([connection, instanceId]) => resolve({ connection, instanceId })),
  );
  return { ...known, built, cp1 };
}

// biome-ignore lint/suspicious/noExplicitAny: inputs as the engine sees them
function inputs(name: string, type = "kjerne-drift:index:NodeScript"): any {
  const found = registered.filter((resource) => resource.name === name && resource.type === type);
  assert.equal(found.length, 1, `${name} among ${registered.map((resource) => resource.name).join(", ")}`);
  return found[0]?.inputs;
}
/** What the engine compares to decide whether a machine is another one. */
const trigger = () => JSON.stringify(triggers["cp1-machine"]);

test("a hypervisor, an image and a node take five runs on machines, each with a pinned host key", async () => {
  await deploy();
  const commands = registered.filter(({ type }) => type.startsWith("kjerne-drift:"));
  assert.deepEqual(commands.map(({ name }) => name).sort(), [
    "cp1-machine",
    "hv1-image-build",
    "hv1-network",
    "hv1-pool",
    "hv1-preflight",
  ]);
  for (const { name, inputs } of commands) assert.match(unwrap(inputs.connection).hostKey, /^ssh-ed25519 /, name);
});

test("a hypervisor is prepared before its preflight looks, and its bridge confirmed by a session of its own", async () => {
  await deploy({ hypervisor: { prepare: true, synchronisedClock: false } });
  const commands = registered.filter(({ type }) => type.startsWith("kjerne-drift:")).map(({ name }) => name);
  assert.deepEqual(commands.slice(0, 3), ["hv1-prepare", "hv1-bridge", "hv1-preflight"]);
  const wanted = ["hv1-prepare", "hv1-bridge"].map((name) => JSON.parse(unwrap(inputs(name).stdin)));
  assert.deepEqual(wanted[0], wanted[1]);
  const { bridge, address, clock, bridgeFiles } = wanted[0];
  assert.deepEqual([bridge, address, clock], ["br0", "10.20.0.11", false]);
  assert.equal(bridgeFiles["/usr/local/sbin/kjerne-bridge-undo"].mode, "0755");
  for (const name of ["hv1-prepare", "hv1-bridge"]) assert.equal(inputs(name).undo, undefined, "nothing is undone");
});

test("a node's connection has the host key from its hypervisor, the user kjerne and retries for a reboot", async () => {
  const { connection, instanceId } = await deploy();
  assert.equal(connection.hostKey, "ssh-ed25519 AAAAnode");
  assert.equal(connection.user, "kjerne");
  assert.equal(connection.dialErrorLimit, 70);
  assert.equal(instanceId, "first");
});

test("another place, address or disk replaces a machine, and nothing else does", async () => {
  await deploy();
  const before = trigger();
  assert.match(before, /hv1/);
  const replaces = async (change: Parameters<typeof deploy>[0]) => {
    await deploy(change);
    return trigger() !== before;
  };
  const ssh = { publicKey: publicKeyOf("other"), privateKey: "private" };
  const inPlace: Partial<KvmNodeArgs>[] = [
    { cpus: 8, memoryMiB: 8192, pinnedCpus: [1, 2, 3, 4, 5, 6, 7, 8] },
    { timeServers: ["ntp.example.no"], nameservers: ["10.20.0.2"], gateway: "10.20.0.254", mtu: 9000, ssh },
  ];
  for (const node of inPlace) assert.equal(await replaces({ node }), false, JSON.stringify(node));
  assert.equal(await replaces({ image: { packages: ["kubeadm=1.36.4-1", "containerd"] } }), false);
  for (const node of [{ rootGiB: 41 }, { etcdGiB: 9 }, { address: "10.20.0.32" }])
    assert.equal(await replaces({ node }), true, JSON.stringify(node));
  assert.equal(await replaces({ hypervisor: { pool: { name: "kjerne", path: "/other", medium: "nvme" } } }), true);
  assert.equal(await replaces({ on: "hv2" }), true);
});

test("an image's name depends on its content, not on the address of its package repository", async () => {
  const name = async (change: Partial<NodeImageArgs>) => (await deploy({ image: change })).built.imageName;
  const same = await name({});
  assert.equal(await name({ sources: [{ ...source, uri: "http://elsewhere/apt" }] }), same);
  assert.notEqual(await name({ images: { "registry.example/pause:3": "sha256:bb" } }), same);
  assert.notEqual(await name({ packages: ["containerd=2.3.7-1"] }), same);
  assert.notEqual(await name({ snapshot: "20261126T000000Z" }), same);
  await assert.rejects(name({ packages: ["kubeadm"] }), /add containerd to packages/);
});

test("a node that was made from another image than the present one is named in a warning, in a preview too", async (context) => {
  const warn = context.mock.method(pulumi.log, "warn", async () => {});
  await deploy();
  assert.equal(warn.mock.callCount(), 0);
  await deploy({ runs: "bookworm-0" });
  await new Promise(setImmediate);
  assert.match(
    String(warn.mock.calls[0]?.arguments[0]),
    /^cp1 runs node image bookworm-0, and new machines get bookworm-/,
  );
});

test("disks on NVMe are preallocated, and the machine has the domain type that the preflight reported", async () => {
  await deploy();
  const stdin = JSON.parse(unwrap(inputs("cp1-machine").stdin));
  assert.equal(stdin.preallocated, true);
  assert.match(stdin.domain, /<domain type="kvm">/);
});

test("a node's site is a plain input for policies to read, and its private key is a secret everywhere", async () => {
  const { cp1 } = await deploy();
  assert.equal(await pulumi.isSecret(cp1.connection), true);
  assert.deepEqual(inputs("cp1", "kjerne:node:KvmNode").site, { country: "NO" });
  const plain = JSON.stringify(
    registered.map((resource) => resource.inputs),
    (_, value) => (isSecret(value) ? "[secret]" : value),
  );
  assert.doesNotMatch(plain, /"private"/);
});

// biome-ignore lint/suspicious/noExplicitAny: a secret is an envelope around anything
const unwrap = (value: any): any => (isSecret(value) ? value.value : value);
