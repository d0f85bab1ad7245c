/**
 * Pods' packets inside packets from node to node, for networks that drop pod addresses. `across-subnets`: only between
 * nodes that reach each other through a router.
 */
export interface Encapsulation {
  readonly by: "ipip" | "vxlan";
  readonly where: "always" | "across-subnets";
}

/** Bytes of each packet that the header around it takes: RFC 2003; RFC 7348 with Ethernet, IPv4 and UDP. */
export const headerBytes = { ipip: 20, vxlan: 50 } as const;

/** The largest packet of a pod: what travels between nodes has no more than `mtu` bytes. */
export function mtuOfPods(mtu: number, encapsulation?: Encapsulation): number {
  return encapsulation ? mtu - headerBytes[encapsulation.by] : mtu;
}

/** How an IPPool of Calico says it: each kind of header has a mode of its own. */
export function poolModes(encapsulation?: Encapsulation) {
  const mode = encapsulation?.where === "always" ? "Always" : "CrossSubnet";
  return {
    ipipMode: encapsulation?.by === "ipip" ? mode : "Never",
    vxlanMode: encapsulation?.by === "vxlan" ? mode : "Never",
  } as const;
}
