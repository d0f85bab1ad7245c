import { type Ask, both, type Reading, read } from "./answers";
import { type Certificate, certificates } from "./certificates";
import type { BackupStatus, DiskLatency, Drill } from "./etcd-readings";
import { announced, type Route, routes, tunnelRoutes } from "./routes";
import { cpuTimes, steal } from "./steal";
import { type VirtualServer, virtualServers } from "./virtual-servers";

/** Readings from one node. */
export interface ObservedNode {
  readonly kernel: Reading<string>;
  readonly bootId: Reading<string>;
  readonly uptimeSeconds: Reading<number>;
  readonly hostname: Reading<string>;
  readonly cpus: Reading<number>;
  /** Memory that the machine has, the kernel's own part included, in whole blocks. */
  readonly memory: Reading<Memory>;
  readonly links: Reading<readonly Link[]>;
  readonly routes: Reading<readonly Route[]>;
  /** Networks that lead into tunnels of Calico: by BIRD into that of IPIP, by Felix into that of VXLAN. */
  readonly tunnelRoutes: Reading<{ readonly ipip: readonly string[]; readonly vxlan: readonly string[] }>;
  readonly proxyMode: Reading<string>;
  readonly ipvs: Reading<readonly VirtualServer[]>;
  readonly modules: Reading<ReadonlySet<string>>;
  /** Effective values; a key that the kernel doesn't know is not there. */
  readonly sysctls: Reading<ReadonlyMap<string, string>>;
  readonly systemdCgroup: Reading<boolean>;
  /** `OK` and by which plugin, or why containerd has no networks for pods that ask for the fabric. */
  readonly fabricNetworks: Reading<string>;
  readonly bgp: Reading<readonly BgpSession[]>;
  /** What each router is told: networks by its address. Read where addresses of Services or the endpoint are announced. */
  readonly announced: Reading<Readonly<Record<string, readonly string[]>>>;
  /** MTU that the next pod gets. */
  readonly podMtu: Reading<number>;
  /** CPU time that the host took away during the sample, in percent of all CPUs. */
  readonly stealPercent: Reading<number>;
  readonly certificates: Reading<readonly Certificate[]>;
  /** The node's clock when its script began and when it ended, in seconds since 1970. */
  readonly clock: Reading<{ readonly began: number; readonly ended: number }>;
  /** Leap status of chrony: `Normal`, or `Not synchronised`. */
  readonly chrony: Reading<string>;
  /** Whether the kernel takes its clock for synchronised, whoever does that. */
  readonly kernelClock: Reading<boolean>;
  /** What fio found of etcd's disk before this machine became a control plane. */
  readonly etcdDisk: Reading<DiskLatency>;
  /** Of control planes, where the settings have backups. */
  readonly backup: Reading<BackupStatus>;
  readonly drill: Reading<Drill>;
  /** Directories of volumes that are there, of nodes that have any. */
  readonly volumes: Reading<readonly string[]>;
  /** What came back from the other nodes that were asked, by their addresses. */
  readonly echoes: Reading<ReadonlyMap<string, EchoAnswer>>;
}

/** `full`: a packet of full size came back; `small`: only small ones did; `none`: nothing did. */
export type EchoAnswer = "full" | "small" | "none";

export interface Memory {
  readonly mib: number;
  /** The kernel counts a machine's memory in blocks of this size. */
  readonly blockMiB: number;
}

export interface Link {
  readonly name: string;
  readonly mtu: number;
  readonly isUp: boolean;
  /** The kernel's kind of device, such as `veth` or `vxlan`; a physical or virtio device is plain `ether`. */
  readonly kind: string;
  readonly addresses: readonly string[];
}

export interface BgpSession {
  readonly neighbour: string;
  readonly state: string;
}

/** Parses what `observe.sh` printed on one node. */
export function observedNode(ask: Ask): ObservedNode {
  const line = (text: string) => text.trim();
  return {
    kernel: read(ask("kernel"), line),
    bootId: read(ask("bootId"), line),
    uptimeSeconds: read(ask("uptime"), (text) => Math.floor(Number.parseFloat(text))),
    hostname: read(ask("hostname"), line),
    cpus: read(ask("cpus"), Number),
    memory: read(ask("memoryBlocks"), memory),
    links: read(ask("links"), links),
    routes: read(ask("routes"), routes),
    tunnelRoutes: read(ask("tunnelRoutes"), tunnelRoutes),
    proxyMode: read(ask("proxyMode"), httpBody),
    ipvs: read(ask("ipvs"), virtualServers),
    modules: read(ask("modules"), (text) => new Set(text.split(/\s+/))),
    sysctls: sysctls(ask),
    systemdCgroup: read(ask("containerd"), (text) => JSON.parse(text).SystemdCgroup === true),
    fabricNetworks: read(ask("containerd"), fabricNetworks),
    bgp: read(ask("bird"), bgpSessions),
    announced: read(ask("announced"), announced),
    podMtu: podMtu(ask),
    stealPercent: both(read(ask("cpuBefore"), cpuTimes), read(ask("cpuAfter"), cpuTimes), steal),
    certificates: read(ask("certificates"), certificates),
    clock: both(read(ask("clockBegan"), seconds), read(ask("clockEnded"), seconds), (began, ended) => ({
      began,
      ended,
    })),
    chrony: read(ask("chrony"), (text) => last(text.trim().split(","))),
    kernelClock: read(ask("kernelClock"), (text) => JSON.parse(text)),
    etcdDisk: read(ask("etcdDisk"), (text) => JSON.parse(text)),
    backup: read(ask("backup"), (text) => JSON.parse(text)),
    drill: read(ask("drill"), (text) => JSON.parse(text)),
    volumes: read(ask("volumes"), (text) => text.split("\n").filter((directory) => directory !== "")),
    echoes: read(ask("fullPackets"), echoes),
  };
}

/** The size of a block in bytes, hexadecimal, and how many there are. */
function memory(text: string): Memory {
  const [size = "", blocks = ""] = text.trim().split(/\s+/);
  const blockMiB = Number.parseInt(size, 16) / 2 ** 20;
  return { blockMiB, mib: Number(blocks) * blockMiB };
}

function links(text: string): Link[] {
  // biome-ignore lint/suspicious/noExplicitAny: iproute2 documents no schema
  return JSON.parse(text).map((link: any) => ({
    name: link.ifname,
    mtu: link.mtu,
    isUp: link.flags?.includes("UP") ?? false,
    kind: link.linkinfo?.info_kind ?? link.link_type,
    addresses: (link.addr_info ?? []).map((info: { local?: string }) => info.local ?? ""),
  }));
}

function fabricNetworks(text: string): string {
  const { fabric, fabricPlugin } = JSON.parse(text);
  return fabric === "OK" ? `OK, by ${fabricPlugin}` : (fabric ?? "no runtime for the fabric");
}

function httpBody(text: string): string {
  const [head = "", ...body] = text.split("\r\n\r\n");
  if (!/^HTTP\/1\.\d 200 /.test(head)) throw new Error(head.split("\r\n")[0] || "empty answer");
  return body.join("\r\n\r\n").trim();
}

/** Not by `read`: `sysctl` fails if one key doesn't exist, while the values of the others are valid. */
function sysctls(ask: Ask): Reading<ReadonlyMap<string, string>> {
  const answer = ask("sysctls");
  if (!answer?.stdout) return read(answer, () => new Map());
  const lines = answer.stdout.split("\n").filter((line) => line.includes(" = "));
  return { value: new Map(lines.map((line) => line.split(" = ") as [string, string])) };
}

function bgpSessions(text: string): BgpSession[] {
  const state = /BGP state: +(\w+)\s+Neighbor address: (\S+)/g;
  return [...text.matchAll(state)].map(([, state = "", neighbour = ""]) => ({ neighbour, state }));
}

/** MTU in Calico's CNI configuration; 0 there means the MTU that Felix detected. */
function podMtu(ask: Ask): Reading<number> {
  const configured = read(ask("cniConfig"), (text) => {
    const plugin = JSON.parse(text).plugins.find((plugin: { type: string }) => plugin.type === "calico");
    return Number(plugin.mtu ?? 0);
  });
  return "value" in configured && configured.value === 0 ? read(ask("cniMtu"), Number) : configured;
}

/** A line for each address that was asked: `10.20.0.12 full`. */
function echoes(text: string): Map<string, EchoAnswer> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => line.split(" ") as [string, EchoAnswer]));
}

function seconds(text: string): number {
  const parsed = Number(text.trim());
  if (text.trim() === "" || Number.isNaN(parsed)) throw new Error(`not a time: ${text}`);
  return parsed;
}

function last(fields: readonly string[]): string {
  return fields.at(-1) || "no answer";
}
