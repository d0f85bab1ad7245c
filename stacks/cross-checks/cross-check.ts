import { z } from "zod";
import { existingNode, kvmNode } from "../machine-schema";
import { schema } from "../schema";

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
export const hypervisor = schema.shape.hypervisors.unwrap().element.strip();
/** What only nodes on hypervisors have is absent in the others. */
export const node = kvmNode
  .strip()
  .omit({ kind: true })
  .partial({ hypervisor: true, cpus: true, memoryMiB: true })
  .extend(existingNode.pick({ machine: true }).partial().shape);
export const network = schema.shape.network.strip();
export const calico = network.shape.calico.strip();
export const kubernetes = schema.shape.kubernetes.strip();

/** Values that occur more than once, each listed once. */
export function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}
