import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";

const workersPerHypervisor = 10;

/**
 * Gives a played stack (`stack.ts`) so many nodes, all on hypervisors: three control planes, the rest workers, ten on a
 * hypervisor. A larger number leaves every node of a smaller one as it was.
 */
export async function resize(directory: string, name: string, nodes: number): Promise<void> {
  const file = join(directory, `Pulumi.${name}.yaml`);
  const document = parseDocument(await readFile(file, "utf8"));
  const config = (...path: (string | number)[]) => ["config", ...path];
  const sample = document.getIn(config("kjerne:hypervisors", 0)) as { toJSON(): object };
  const address = (block: number, at: number) => `10.20.${block + Math.floor(at / 250)}.${1 + (at % 250)}`;
  document.setIn(
    config("kjerne:hypervisors"),
    Array.from({ length: hypervisorsFor(nodes) }, (_, at) => ({
      ...sample.toJSON(),
      name: `hv${at + 1}`,
      address: address(1, at),
      hostKey: hostKeyOf(`hv${at + 1}`),
    })),
  );
  const controlPlanes = Array.from({ length: 3 }, (_, at) => ({
    ...{ name: `cp${at + 1}`, role: "control-plane", hypervisor: `hv${at + 1}` },
    ...{ address: address(10, at), cpus: 4, memoryMiB: 8192 },
  }));
  const workers = Array.from({ length: nodes - 3 }, (_, at) => ({
    ...{ name: `worker${at + 1}`, role: "worker", hypervisor: `hv${1 + Math.floor(at / workersPerHypervisor)}` },
    ...{ address: address(20, at), cpus: 8, memoryMiB: 32768, rootGiB: 100 },
  }));
  document.setIn(config("kjerne:nodes"), [...controlPlanes, ...workers]);
  document.setIn(config("kjerne:network", "nodeCidr"), "10.20.0.0/16");
  await writeFile(file, document.toString());
}

/** The control planes lie on the first three. */
export function hypervisorsFor(nodes: number): number {
  return Math.max(3, Math.ceil((nodes - 3) / workersPerHypervisor));
}

/** An ed25519 key that nobody has, in OpenSSH's form: each part after its length. */
function hostKeyOf(machine: string): string {
  const parts = [Buffer.from("ssh-ed25519"), createHash("sha256").update(machine).digest()];
  const encoded = parts.map((part) => Buffer.concat([Buffer.from([0, 0, 0, part.length]), part]));
  return `ssh-ed25519 ${Buffer.concat(encoded).toString("base64")}`;
}
