import type { Encapsulation } from "../../node-config/encapsulation";
import type { BgpPeer } from "../network/bgp-resources";

export interface CalicoSpec {
  /** Text of Calico's `calico.yaml`, its checksum already compared: see `readManifest`. */
  readonly manifest: string;
  /**
   * How a node finds its own address (`IP_AUTODETECTION_METHOD`). @default - "interface=eth0" where kjerne makes every
   * machine, otherwise "kubernetes-internal-ip"
   */
  readonly autodetection?: string;
  /** Prefix length of the block of pod addresses that a node takes at a time. @default 26 */
  readonly blockSize?: number;
  /** Autonomous system of the nodes. @default 64512 */
  readonly asNumber?: number;
  /**
   * Number of the password of the BGP sessions between nodes. Another one makes another password, and each session
   * starts anew with it. @default 1
   */
  readonly meshPassword?: number;
  /**
   * A second header around what pods send to pods of other nodes, where the network between nodes drops pods' addresses:
   * `NetworkTrial` tells. @default - none
   */
  readonly encapsulation?: Encapsulation;
  /**
   * Names of nodes that pass on the routes of all others, who have sessions with these alone. They lose theirs for seconds
   * when they begin, so take nodes without workloads. @default - none: every node has a session with every other
   */
  readonly reflectors?: readonly string[];
  /** Nodes with an autonomous system of their own. @default - none: all nodes have `asNumber` */
  readonly racks?: readonly RackSpec[];
  /** Routers that learn the pod routes. @default - none: pods are known among nodes only */
  readonly peers?: readonly RouterSpec[];
}

/** A rack is an autonomous system: the same number for all of its nodes, and another one than any other rack's. */
export interface RackSpec {
  readonly name: string;
  readonly asNumber: number;
  /** Names of nodes. */
  readonly nodes: readonly string[];
}

export interface RouterSpec extends Omit<BgpPeer, "nodeSelector"> {
  /** Name of a rack, whose nodes alone have sessions with it. @default - every node has one */
  readonly rack?: string;
}
