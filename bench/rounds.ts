import { median } from "../components/measure/statistics";
import { stolen } from "./machine";
import { medianInterval } from "./statistics";

/** Rounds in which hypervisors took more than this share of the machine's time are discarded. */
const mostStolen = 0.02;

/** One way to do something; gives what it took, such as seconds of processor time. */
export type Arm = () => Promise<number>;

/** What a comparison found. */
export interface Compared {
  readonly value: number;
  readonly interval: ReturnType<typeof medianInterval>;
  /** The second arm against itself: the ratio of its two runs in a round, of the same rounds. */
  readonly control: number;
  readonly kept: number;
  readonly discarded: number;
  readonly rounds: readonly Round[];
}

interface Round {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly stolen: number;
}

/**
 * Compares two arms in rounds of the order A B B A, so that a machine that gets slower is slower for both: the median of
 * the rounds' ratios A/B, with its interval.
 *
 * @throws Error when fewer than half of the rounds are left
 */
export async function compare(a: Arm, b: Arm, count: number): Promise<Compared> {
  const all: Round[] = [];
  for (let round = 0; round < count; round++) {
    const before = await stolen();
    const first = await a();
    const inner = [await b(), await b()] as const;
    const last = await a();
    const after = await stolen();
    all.push({ a: [first, last], b: inner, stolen: (after.steal - before.steal) / (after.all - before.all) });
  }
  const rounds = all.filter((round) => round.stolen <= mostStolen);
  if (rounds.length < count / 2) {
    throw new Error(
      `hypervisors took more than ${mostStolen * 100} % of this machine in ${count - rounds.length} of ${count} rounds; ` +
        "measure again in a quieter hour",
    );
  }
  const ratios = rounds.map(({ a, b }) => (a[0] + a[1]) / (b[0] + b[1]));
  return {
    value: median(ratios),
    interval: medianInterval(ratios),
    control: median(rounds.map(({ b }) => b[0] / b[1])),
    ...{ kept: rounds.length, discarded: count - rounds.length, rounds: all },
  };
}
