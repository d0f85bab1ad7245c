import { createHash } from "node:crypto";

/** What a hypervisor knows a node's virtual machine by. */
export interface Identity {
  /** Name of the libvirt domain. */
  readonly domain: string;
  /** Firmware UUID. */
  readonly uuid: string;
  /** MAC address. */
  readonly mac: string;
  /** MAC address of a card on the fabric. */
  readonly fabricMac: string;
}

/**
 * All of it comes from the names of cluster and node: a node that is made anew keeps it, and nodes of two clusters on one
 * hypervisor never share it. Machines that older releases made keep the identity that they have: create-node.sh sees to
 * it.
 */
export function identityOf(cluster: string, name: string): Identity {
  const hash = createHash("sha256").update(`kjerne node ${name} of cluster ${cluster}`).digest("hex");
  // RFC 9562 version 8 (free form), variant 10.
  const variant = ((Number.parseInt(hash.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  const uuid = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(18, 20)}-${hash.slice(20, 32)}`;
  // 52:54 is locally administered and unicast, as QEMU's own addresses are; four bytes keep collisions out of reach.
  const macAt = (start: number) => ["52", "54", ...(hash.slice(start, start + 8).match(/../g) ?? [])].join(":");
  return { domain: `${cluster}-${name}`, uuid, mac: macAt(32), fabricMac: macAt(40) };
}
