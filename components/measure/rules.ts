import type { Rule } from "./rule";
import { cpuTaken } from "./rules-cpu";
import { encapsulation, packetLoss, smallMtu } from "./rules-path";
import { conntrackLimit, etcdDisk, slowDns } from "./rules-services";

/** Everything that is looked for: causes before what they have for a consequence. */
export const rules: readonly Rule[] = [
  cpuTaken,
  encapsulation,
  smallMtu,
  packetLoss,
  conntrackLimit,
  etcdDisk,
  slowDns,
];
