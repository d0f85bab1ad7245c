/** Programs that run where Pulumi runs, as paths below `components/` without their ending. */
export const programs = ["verify/main", "trial/main", "upgrade/main", "upgrade/proxy-main", "measure/main"] as const;

export type ProgramName = (typeof programs)[number];

/** What a state has in the place of a program's input. */
interface KeptInput {
  readonly keys: readonly string[];
  /** With the number of a key in the place of each `privateKey`. */
  readonly input: unknown;
}

/** The input as JSON, with each private key once: most nodes have the same, and a state would hold it for each of them. */
export function withKeysOnce(input: object): string {
  const keys = new Set<string>();
  const text = JSON.stringify(input, (name, value) => {
    if (name !== "privateKey" || typeof value !== "string") return value;
    keys.add(value);
    return [...keys].indexOf(value);
  });
  return JSON.stringify({ keys: [...keys], input: JSON.parse(text) } satisfies KeptInput);
}

/** The input as its program reads it: `withKeysOnce` undone. */
export function withKeys(kept: string): string {
  const { keys, input }: KeptInput = JSON.parse(kept);
  return JSON.stringify(input, (name, value) => (name === "privateKey" ? keys[value] : value));
}
