import { z } from "zod";
import {
  existingNodeKeys,
  hypervisorKeys,
  kvmNodeKeys,
  machineKeys,
  poolKeys,
} from "../components/cluster/machine-keys";

/** The part of the settings' shape that is about machines: `kjerne:hypervisors` and `kjerne:nodes`. */

export const hypervisor = z.strictObject({ ...hypervisorKeys, pool: z.strictObject(poolKeys).prefault({}) });

/** A node on a virtual machine that kjerne makes. */
export const kvmNode = z
  .strictObject({ ...kvmNodeKeys, kind: z.literal("kvm") })
  .describe("A node on a virtual machine that kjerne makes.");

/** A node on a machine that was there before: rented, bare metal, or a lab's. It calls itself by the node's name. */
export const existingNode = z
  .strictObject({ ...existingNodeKeys, kind: z.literal("existing"), machine: z.strictObject(machineKeys) })
  .describe("A node on a machine that was there before, which calls itself by the node's name.");

/** Which of the two a node is shows in its keys. */
export const node = z.preprocess(
  (given) =>
    given && typeof given === "object" && !Array.isArray(given)
      ? { ...given, kind: "machine" in given ? "existing" : "kvm" }
      : given,
  z.discriminatedUnion("kind", [kvmNode, existingNode]),
);
