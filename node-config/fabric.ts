import { type FileSet, merge, readTree } from "./file-set";

/** Name of the RuntimeClass by which pods ask for the fabric, and of its handler in containerd. */
export const fabricClass = "fabric";

/** Name of the network in nodes' files, by which Multus finds it. */
export const fabricNetwork = "kjerne-fabric";

/** What nodes with a card on the fabric are known by: the RuntimeClass leads pods to no others. */
export const fabricLabels = { "kjerne.io/fabric": "true" } as const;

/**
 * What a pod has of its node's card. Pods share the card, each by an interface of its own: `macvlan` with an address of its
 * own on the wire, `ipvlan` with the card's. Or it is theirs alone: `host-device` the card itself, `sr-iov` one of the
 * virtual functions that the operator has made on it.
 */
export const fabricKinds = ["macvlan", "ipvlan", "host-device", "sr-iov"] as const;
export type FabricKind = (typeof fabricKinds)[number];

/** Whether pods share a card: else one that is tried by takes it from others. */
export const isShared = (kind: FabricKind) => kind === "macvlan" || kind === "ipvlan";

/** The fabric as one node has it. */
export interface FabricFacts {
  /** The card on the fabric, such as `fab0`: no address of it is used, and pods have interfaces of their own on it. */
  readonly interface: string;
  readonly kind: FabricKind;
  /** Network of all pods on the fabric, which reach each other without a router. */
  readonly cidr: string;
  readonly mtu: number;
  /** First and last address that pods of this node get. */
  readonly range: readonly [first: string, last: string];
}

/**
 * Name of the second card of a machine that kjerne makes, where it has one: workers of a hypervisor with a bridge into the
 * fabric. Undefined where it has none.
 */
export function secondCardOf(
  { role, hypervisor }: { readonly role: string; readonly hypervisor: string },
  hypervisors: readonly { readonly name: string; readonly fabricBridge?: string }[],
): string | undefined {
  const bridge = hypervisors.find(({ name }) => name === hypervisor)?.fabricBridge;
  return role === "worker" && bridge !== undefined ? "eth1" : undefined;
}

/** What has a node offer the fabric to Multus as well. */
export const multusFiles = (): FileSet => readTree("multus");

const conflist = "/etc/kjerne/fabric/20-kjerne-fabric.conflist";

/** Chooses what a pod has for itself, and has the plugin host-device give it. */
const ownPlugin = "kjerne-host-device";

/** Plugins that make a pod's interface, the first of which gives it its address. */
const plugins: Readonly<Record<FabricKind, (card: string, mtu: number) => readonly object[]>> = {
  macvlan: (master, mtu) => [{ type: "macvlan", mode: "bridge", master, mtu }],
  ipvlan: (master, mtu) => [{ type: "ipvlan", mode: "l2", master, mtu }],
  "host-device": (card, mtu) => [
    { type: ownPlugin, card },
    { type: "tuning", mtu },
  ],
  "sr-iov": (card, mtu) => [
    { type: ownPlugin, card, functions: true },
    { type: "tuning", mtu },
  ],
};

/** The plugin that makes interfaces of this kind, by its name in the node's file. */
export const fabricPlugin = (kind: FabricKind) => (isShared(kind) ? kind : ownPlugin);

/** Files of a node by which pods get a second interface on the fabric. */
export function fabricFiles({ interface: card, kind, cidr, mtu, range: [rangeStart, rangeEnd] }: FabricFacts): FileSet {
  const { [conflist]: template, ...rest } = readTree("fabric");
  const config = JSON.parse(template?.content ?? "");
  const [{ ipam }] = config.plugins;
  ipam.ranges = [[{ subnet: cidr, rangeStart, rangeEnd }]];
  const [made, ...chained] = plugins[kind](card, mtu);
  config.plugins = [{ ...made, ipam }, ...chained];
  const content = `${JSON.stringify(config, null, 2)}\n`;
  return merge(rest, { [conflist]: { content, mode: "0644" } });
}
