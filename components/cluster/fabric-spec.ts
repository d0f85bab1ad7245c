import type { FabricKind } from "../../node-config/fabric";

/**
 * A network beside the nodes' own, for pods that ask: those with `runtimeClassName: fabric` have `eth1` there, by the card
 * that `machine.fabricInterface` of their node names, beside `eth0` on the pod network.
 */
export interface FabricSpec {
  /** Network of pods on the fabric, for them alone, such as `10.99.0.0/16`: each node has a range of it. */
  readonly cidr: string;
  /** What cards and switches of the fabric carry. @default 9000 */
  readonly mtu?: number;
  /** What a pod has of the card: see `FabricKind`. @default "macvlan" */
  readonly kind?: FabricKind;
  /** Whether those namespaces have it by Multus too, which somebody else installed. @default false */
  readonly multus?: boolean;
  /** Namespaces whose pods may ask for the fabric: no NetworkPolicy holds what passes there. */
  readonly namespaces: readonly string[];
}
