import { type FileSet, file, merge } from "./file-set";

/** Who a machine that kjerne makes is, and what it knows of its network. */
export interface MachineIdentity {
  readonly name: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly nameservers: readonly string[];
  readonly timeServers: readonly string[];
  readonly mtu: number;
  /** What its second card, on the fabric, carries. @default - it has none */
  readonly fabricMtu?: number;
  /** Public keys of the login user, one a line. */
  readonly authorizedKeys: string;
}

/**
 * Network, name servers, time servers and login keys of a machine that kjerne makes. cloud-init writes them at the first
 * boot, and never again; as files of the node they follow the settings. Each has the text that cloud-init gives it, so
 * that systemd-networkd finds nothing to change on a machine which has just booted.
 */
export function systemFiles(identity: MachineIdentity): FileSet {
  const { nameservers, timeServers, authorizedKeys, fabricMtu } = identity;
  return merge(
    file("/etc/resolv.conf", lines("nameserver", nameservers, "")),
    file("/etc/chrony/sources.d/kjerne.sources", lines("server", timeServers, " iburst")),
    file("/etc/systemd/network/10-cloud-init-eth0.network", network(identity)),
    fabricMtu === undefined ? {} : file("/etc/systemd/network/20-kjerne-fabric.network", fabricCard(fabricMtu)),
    // sshd reads it as the login user.
    file("/home/kjerne/.ssh/authorized_keys", `${keysOf(authorizedKeys).join("\n")}\n`),
  );
}

/** Each key, without empty lines and comments. */
export function keysOf(authorizedKeys: string): string[] {
  return authorizedKeys
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function lines(word: string, values: readonly string[], rest: string): string {
  return values.map((value) => `${word} ${value}${rest}\n`).join("");
}

/** As cloud-init's renderer for systemd-networkd writes what network-config.yaml says, empty lines included. */
function network({ address, prefixLength, mtu, gateway }: MachineIdentity): string {
  return [
    `[Address]\nAddress=${address}/${prefixLength}\n`,
    `[Link]\nMTUBytes=${mtu}\n`,
    "[Match]\nName=eth0\n",
    "[Network]\nDHCP=no\n",
    `[Route]\nDestination=0.0.0.0/0\n\nGateway=${gateway}\n\n`,
  ].join("\n");
}

/** Up, and without any address: pods have interfaces of their own on it. */
function fabricCard(mtu: number): string {
  return [
    "[Match]\nName=eth1\n",
    `[Link]\nMTUBytes=${mtu}\nRequiredForOnline=no\n`,
    "[Network]\nDHCP=no\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n",
  ].join("\n");
}
