import { type FileSet, file, merge, readTree } from "./file-set";

/** Who has the address of the API server's endpoint in turn. Addresses are IPv4. */
export interface VrrpFacts {
  readonly endpoint: string;
  /** This control plane's own address. */
  readonly address: string;
  /** Addresses of all control planes. */
  readonly controlPlanes: readonly string[];
}

/** Packages that control planes need for it. */
export const vrrpPackages = ["keepalived"];

/** keepalived on a control plane, by VRRP (RFC 5798) among the control planes alone. */
export function vrrpFiles({ endpoint, address, controlPlanes }: VrrpFacts): FileSet {
  const others = controlPlanes.filter((one) => one !== address).sort();
  // An instance without peers is one of multicast: where the first peer comes or the last one goes, keepalived would begin
  // another, and nobody would have the address for four seconds. What is sent to the endpoint by whoever has it stays there.
  const peers = others.length > 0 ? others : [endpoint];
  const definitions = [
    `$ENDPOINT=${endpoint}`,
    `$ADDRESS=${address}`,
    // Two endpoints in one network have other numbers; 0 is none.
    `$ROUTER_ID=${endpoint.split(".")[3]}`,
    // A definition of several lines.
    ["$PEERS=", ...peers].join(" \\\n"),
  ];
  return merge(
    readTree("endpoint"),
    readTree("vrrp"),
    file("/etc/keepalived/kjerne.conf", `${definitions.join("\n")}\n`),
  );
}
