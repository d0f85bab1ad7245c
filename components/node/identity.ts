import { createHash } from "node:crypto";

/** Firmware UUID and MAC address of a node. Both are derived from its name, so that a recreated node keeps them. */
export interface Identity {
  readonly uuid: string;
  readonly mac: string;
}

export function identityOf(name: string): Identity {
  const hash = createHash("sha256").update(`kjerne node ${name}`).digest("hex");
  // RFC 9562 version 8 (free form), variant 10.
  const variant = ((Number.parseInt(hash.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  const uuid = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-${variant}${hash.slice(18, 20)}-${hash.slice(20, 32)}`;
  // 52:54 is locally administered and unicast, as QEMU's own addresses are; four bytes keep collisions out of reach.
  const mac = ["52", "54", ...(hash.slice(32, 40).match(/../g) ?? [])].join(":");
  return { uuid, mac };
}
