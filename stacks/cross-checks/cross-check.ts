import { z } from "zod";
import { schema } from "../schema";

/** What several settings get wrong together: a sentence for each problem, with the value, the rule and the way out. */
export type CrossCheck = (raw: unknown) => readonly string[];

/**
 * Makes a check that reads the given parts of the settings. It runs as soon as these have the right shape, whatever is
 * wrong elsewhere: the operator sees all mistakes in one message.
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
export const hypervisor = schema.shape.hypervisors.element.strip();
export const node = schema.shape.nodes.element.strip();
export const network = schema.shape.network.strip();
export const calico = network.shape.calico.strip();
export const kubernetes = schema.shape.kubernetes.strip();

/** Values that are there more than once, each told once. */
export function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}
