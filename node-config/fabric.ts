import { type FileSet, merge, readTree } from "./file-set";

/** Name of the RuntimeClass by which pods ask for the fabric, and of its handler in containerd. */
export const fabricClass = "fabric";

/** What nodes with a card on the fabric are known by: the RuntimeClass leads pods to no others. */
export const fabricLabels = { "kjerne.io/fabric": "true" } as const;

/** The fabric as one node has it. */
export interface FabricFacts {
  /** The card on the fabric, such as `fab0`: no address of it is used, and pods have interfaces of their own on it. */
  readonly interface: string;
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

const conflist = "/etc/kjerne/fabric/20-kjerne-fabric.conflist";

/** Files of a node by which pods get a second interface on the fabric. */
export function fabricFiles({ interface: master, cidr, mtu, range: [rangeStart, rangeEnd] }: FabricFacts): FileSet {
  const { [conflist]: template, ...rest } = readTree("fabric");
  const config = JSON.parse(template?.content ?? "");
  const [macvlan] = config.plugins;
  Object.assign(macvlan, { master, mtu });
  macvlan.ipam.ranges = [[{ subnet: cidr, rangeStart, rangeEnd }]];
  const content = `${JSON.stringify(config, null, 2)}\n`;
  return merge(rest, { [conflist]: { content, mode: "0644" } });
}
