import { z } from "zod";

const interval = z.strictObject({
  low: z.number(),
  high: z.number(),
  /** How it was made, such as "95 %, bootstrap of 20 pairs". */
  from: z.string(),
});

const goal = z.union([
  z.strictObject({ atMost: z.number() }),
  z.strictObject({ atLeast: z.number() }),
  z.strictObject({ above: z.number() }),
  z.strictObject({ exactly: z.number(), digits: z.int() }),
]);

const ratio = z.strictObject({
  name: z.string(),
  value: z.number(),
  /** Absent for what was counted: the same comes out every time. */
  interval: interval.optional(),
  /** Absent for what is told as it is. */
  goal: goal.optional(),
  verdict: z.enum(["met", "missed"]).optional(),
  /** Why a goal was missed, or what else has to be known about the figure. */
  note: z.string().optional(),
});

const control = z.strictObject({
  /** What was compared with itself. */
  name: z.string(),
  value: z.number(),
  /** Where the value has to lie for the run to count. */
  within: z.tuple([z.number(), z.number()]),
  held: z.boolean(),
});

const chart = z.strictObject({
  title: z.string(),
  kind: z.enum(["bars", "lines"]),
  x: z.string(),
  y: z.string(),
  points: z.array(z.strictObject({ series: z.string(), x: z.union([z.string(), z.number()]), y: z.number() })),
});

/** What one benchmark found: `bench/results/<benchmark>.json`. */
export const resultShape = z.strictObject({
  benchmark: z.string(),
  title: z.string(),
  /** What was done, for somebody who wants to disagree. */
  method: z.string(),
  machine: z.strictObject({ processors: z.int(), model: z.string(), kernel: z.string(), guest: z.string().optional() }),
  /** ISO 8601. */
  at: z.iso.datetime(),
  seconds: z.number(),
  ratios: z.array(ratio).min(1),
  nullControls: z.array(control).min(1),
  rounds: z.strictObject({ kept: z.int(), discarded: z.int(), why: z.string() }),
  charts: z.array(chart),
  /** What was measured, before anything was computed from it. */
  measured: z.unknown(),
});

export type Result = z.infer<typeof resultShape>;
export type Ratio = Result["ratios"][number];
export type Goal = z.infer<typeof goal>;
type Interval = z.infer<typeof interval>;
export type NullControl = Result["nullControls"][number];

/** What a benchmark itself says; the rest is the same for all. */
export type Finding = Pick<Result, "ratios" | "nullControls" | "rounds" | "charts" | "measured"> & { guest?: string };

export interface Benchmark {
  readonly title: string;
  readonly method: string;
  /** @param say gets a line about each step */
  run(say: (line: string) => void): Promise<Finding>;
}

/** A ratio beside its goal: met only if the worse end of its interval meets it. */
export function judged(
  name: string,
  value: number,
  goal: Goal,
  more: { interval?: Interval; note?: string } = {},
): Ratio {
  const { low, high } = more.interval ?? { low: value, high: value };
  return { name, value, goal, verdict: meets(low, high, goal) ? "met" : "missed", ...more };
}

function meets(low: number, high: number, goal: Goal): boolean {
  if ("atMost" in goal) return high <= goal.atMost;
  if ("atLeast" in goal) return low >= goal.atLeast;
  if ("above" in goal) return low > goal.above;
  const half = 0.5 / 10 ** goal.digits;
  return low >= goal.exactly - half && high < goal.exactly + half;
}

/** The same compared with itself. */
export function nullControl(name: string, value: number, within: readonly [number, number]): NullControl {
  return { name, value, within: [...within], held: value >= within[0] && value <= within[1] };
}

/** `≤ 1.05`. */
export function goalText(goal: Goal): string {
  if ("atMost" in goal) return `≤ ${goal.atMost}`;
  if ("atLeast" in goal) return `≥ ${goal.atLeast}`;
  if ("above" in goal) return `> ${goal.above}`;
  return `= ${goal.exactly.toFixed(goal.digits)}`;
}
