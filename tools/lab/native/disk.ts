import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asRoot } from "../../run";
import { keyPair } from "../keys";
import { type LabAddresses, labFiles, namespaceOf, nodeAddress, nodeNamespaceOf } from "../plan";

/** A system container of the lab that plays a machine which was there before. */
export interface NativeNode {
  /** As `nodeAddress` takes it, which gives its address. */
  readonly name: string;
  readonly memoryMiB: number;
  /** Whether it has a second card, on the lab's fabric. */
  readonly hasFabric: boolean;
  /** Directory of the root file system that it starts from. */
  readonly base: string;
}

/** Size of the disk below /var. It takes up only what is written to it. */
const diskGiB = 20;

/** Makes a node's disks, keys and identity, unless it has them. They appear whole or not at all. */
export async function makeNode(lab: string, addresses: LabAddresses, node: NativeNode): Promise<void> {
  const directory = labFiles(lab).node(node.name);
  if (existsSync(directory)) return;
  const unfinished = `${directory}.unfinished`;
  await asRoot("rm", "--recursive", "--force", "--one-file-system", unfinished);
  await mkdir(join(unfinished, "files"), { recursive: true });
  await keyPair(join(unfinished, "host_key"), `node ${node.name} of kjerne lab ${lab}`);
  await writeFile(join(unfinished, "known_hosts"), `${node.name} ${await readFile(join(unfinished, "host_key.pub"))}`);
  await writeFile(join(unfinished, "node.env"), environment(lab, addresses, node));
  await writeRoot(lab, addresses, node, unfinished);
  await makeVar(node.base, join(unfinished, "var.img"));
  await asRoot("mv", unfinished, directory);
}

/** What node-power and node-init read. */
function environment(lab: string, addresses: LabAddresses, { name, memoryMiB, hasFabric, base }: NativeNode): string {
  const address = nodeAddress(addresses, name);
  const [index, host] = address.split(".").slice(2).map(Number) as [number, number];
  const hexadecimal = [index, host].map((byte) => byte.toString(16).padStart(2, "0")).join(":");
  const variables = {
    NAME: name,
    NAMESPACE: nodeNamespaceOf(lab, name),
    BRIDGE_NAMESPACE: namespaceOf(lab, "hypervisor"),
    ADDRESS: `${address}/24`,
    // The same after each start: others remember it for a while.
    MAC: `02:00:0a:4d:${hexadecimal}`,
    ...(hasFabric ? { FABRIC_MAC: `02:00:0a:63:${hexadecimal}` } : {}),
    GATEWAY: addresses.router,
    MEMORY_MIB: memoryMiB,
    BASE: base,
  };
  return Object.entries(variables)
    .map(([variable, value]) => `${variable}='${value}'\n`)
    .join("");
}

/** Writes what distinguishes the node from others into the layer over its base. */
async function writeRoot(lab: string, addresses: LabAddresses, { name }: NativeNode, directory: string): Promise<void> {
  const upper = join(directory, "upper");
  await asRoot("install", "-d", ...["upper", "work", "root"].map((place) => join(directory, place)));
  const machineId = (await readFile("/proc/sys/kernel/random/uuid", "utf8")).replaceAll("-", "");
  const files: Record<string, string> = {
    "/etc/hostname": `${name}\n`,
    "/etc/hosts": `127.0.0.1 localhost\n::1 localhost\n${nodeAddress(addresses, name)} ${name}\n`,
    "/etc/resolv.conf": `nameserver ${addresses.router}\n`,
    "/etc/machine-id": machineId,
    "/etc/ssh/ssh_host_ed25519_key": await readFile(join(directory, "host_key"), "utf8"),
    "/etc/ssh/ssh_host_ed25519_key.pub": await readFile(join(directory, "host_key.pub"), "utf8"),
    "/home/kjerne/.ssh/authorized_keys": await readFile(`${labFiles(lab).sshKey}.pub`, "utf8"),
  };
  for (const [path, content] of Object.entries(files)) {
    const isOfUser = path.startsWith("/home/kjerne/");
    const mode = isOfUser || path.endsWith("_key") ? "0600" : "0644";
    const generated = join(directory, "files", path);
    await mkdir(dirname(generated), { recursive: true });
    await writeFile(generated, content, { mode: 0o600 });
    await asRoot("install", "-D", "-m", mode, generated, join(upper, path));
  }
  await asRoot("chmod", "0700", join(upper, "home/kjerne"), join(upper, "home/kjerne/.ssh"));
  await asRoot("chown", "--recursive", "1000:1000", join(upper, "home/kjerne"));
}

/**
 * Makes the disk that the node has below /var: a file with a file system of its own, so that a node can fill its disk
 * and not this machine's. It has no journal, which would double each of etcd's writes: power cuts kill the node, never
 * the kernel that writes its disk.
 */
async function makeVar(base: string, image: string): Promise<void> {
  await asRoot("truncate", `--size=${diskGiB}G`, image);
  // No blocks reserved for root: what runs as root must find the disk full as well.
  const shape = ["-m", "0", "-O", "^has_journal", "-E", "assume_storage_prezeroed=1,nodiscard", "-L", "var"];
  await asRoot("mkfs.ext4", "-q", ...shape, "-d", join(base, "var"), image);
}
