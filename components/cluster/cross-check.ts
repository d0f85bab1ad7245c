import { z } from "zod";
import { calicoKeys, peerKeys } from "./calico-keys";
import { hypervisorKeys, kvmNodeKeys, machineKeys, poolKeys } from "./machine-keys";
import { kubernetesKeys, networkKeys } from "./settings-keys";

/** Returns a sentence for each problem, with the value, the rule and what to change. */
export type CrossCheck = (raw: unknown) => readonly string[];

/**
 * A check of the given parts of the settings. It runs whenever these parts have the right shape, whatever is wrong
 * elsewhere, so that the operator sees all mistakes in one message.
 */
export function crossCheck<Parts extends z.ZodRawShape>(
  parts: Parts,
  problems: (settings: z.infer<z.ZodObject<Parts>>) => readonly string[],
): CrossCheck {
  const shape = z.object(parts);
  return (raw) => {
    const { data } = shape.safeParse(raw);
    return data ? problems(data) : [];
  };
}

// The parts of the settings without the refusal of unknown keys, so that each check picks only the keys that it reads.
export const hypervisor = z.object({ ...hypervisorKeys, pool: z.object(poolKeys).prefault({}) });
/** What only nodes on hypervisors have is absent in the others. */
export const node = z
  .object({ ...kvmNodeKeys, machine: z.object(machineKeys) })
  .partial({ hypervisor: true, cpus: true, memoryMiB: true, machine: true });
export const network = z.object(networkKeys);
export const peers = z.array(z.object(peerKeys)).default([]);
export const calico = z.object({ ...calicoKeys, version: z.string(), peers });
export const kubernetes = z.object(kubernetesKeys);
