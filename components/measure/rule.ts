import type { Reading } from "../verify/answers";
import type { Measured } from "./measured";
import type { Evidence, Finding } from "./schema";

/** What one rule saw: each piece names the number that is over the limit, and where. */
export interface Seen {
  readonly evidence: readonly (Evidence & {
    /** Whether another cause that was named does not explain it. @default false */
    readonly standsAlone?: boolean;
  })[];
  /** Why something that the rule reads could not be measured. */
  readonly unreadable: readonly string[];
}

/** What can be named, by ids that programs use. */
export const ruleIds = [
  "cpu-taken",
  "encapsulation",
  "small-mtu",
  "packet-loss",
  "conntrack-limit",
  "etcd-disk",
  "slow-dns",
] as const;
export type RuleId = (typeof ruleIds)[number];

/** One thing that can be the bottleneck. */
export interface Rule {
  readonly id: RuleId;
  /** The cause, as a sentence. */
  readonly title: string;
  /** Which measurement it rests on. */
  readonly reads: string;
  readonly limit: string;
  /** Where the limit comes from. */
  readonly source: string;
  /** strong: the number is the cause itself; moderate: other causes can give the same number. */
  readonly strength: Finding["strength"];
  readonly cannotTell: string;
  /** What to look at. */
  readonly next: string;
  /** Rules whose causes have this for a consequence. @default - none */
  readonly consequenceOf?: readonly RuleId[];
  readonly look: (measured: Measured) => Seen;
}

/** Looks at one reading of each of several things. */
export function each<T, V>(
  all: readonly T[],
  where: (one: T) => string,
  reading: (one: T) => Reading<V>,
  judge: (value: V, one: T) => Omit<Seen["evidence"][number], "where"> | undefined,
): Seen {
  const seen = all.map((one): Seen => {
    const found = reading(one);
    if ("unreadable" in found) return { evidence: [], unreadable: [`${where(one)}: ${found.unreadable}`] };
    const evidence = judge(found.value, one);
    return { evidence: evidence ? [{ where: where(one), ...evidence }] : [], unreadable: [] };
  });
  return together(...seen);
}

export function together(...all: readonly Seen[]): Seen {
  return {
    evidence: all.flatMap(({ evidence }) => evidence),
    unreadable: all.flatMap(({ unreadable }) => unreadable),
  };
}
