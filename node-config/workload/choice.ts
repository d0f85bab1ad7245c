import { answersOf, type Question, questionKeys, questions, type Workload } from "./questions";

/** A network profile, from the one that asks least of machines. */
export const profileNames = ["general", "throughput", "latency", "hpc"] as const;
export type ProfileName = (typeof profileNames)[number];

/** Answers of which each question named here has one. */
export type Condition = { readonly [Key in Question]?: readonly Workload[Key][] };

interface ChoiceRule {
  readonly when: Condition;
  readonly profile: ProfileName;
  readonly because: string;
}

/** The first rule that holds chooses; the last one always holds. */
export const choiceRules: readonly ChoiceRule[] = [
  {
    when: { directAccess: ["needed"] },
    profile: "hpc",
    because: "Pods that need a network of their own can't get it from any profile of the pod network.",
  },
  {
    when: { priority: ["simplicity"] },
    profile: "general",
    because: "Simple operations come first, and every other profile has settings that somebody must look after.",
  },
  {
    when: { latency: ["critical"] },
    profile: "latency",
    because: "Where microseconds count, what delays a packet most is a processor that does something else.",
  },
  {
    when: {
      latency: ["sensitive"],
      communication: ["constantly"],
      eastWest: ["some", "most"],
      exchange: ["small-messages", "mixed"],
    },
    profile: "latency",
    because: "Messages between nodes, all the time and with somebody waiting for each, add up what delays one.",
  },
  {
    when: { communication: ["often", "constantly"], eastWest: ["some", "most"], exchange: ["large-data-sets"] },
    profile: "throughput",
    because:
      "Large data sets between nodes take as many packets as the MTU makes of them, and each costs the same work.",
  },
  {
    when: { communication: ["constantly"], eastWest: ["most"], exchange: ["mixed"] },
    profile: "throughput",
    because: "With nearly all traffic between nodes, the large part of it decides how busy they are with packets.",
  },
  {
    when: {},
    profile: "general",
    because: "Nothing in the answers makes the network the limit: routed pods at the speed of the card are enough.",
  },
];

export interface Choice {
  readonly profile: ProfileName;
  readonly because: string;
  /** The answers on which it rests, as sentences. */
  readonly answers: readonly string[];
}

/** The profile for a workload, and why. */
export function choose(workload: Workload): Choice {
  const rule = choiceRules.find(({ when }) => holds(when, workload)) as ChoiceRule;
  const asked = questionKeys.filter((key) => rule.when[key] !== undefined);
  return { profile: rule.profile, because: rule.because, answers: asked.map((key) => sentence(key, workload)) };
}

/** Whether a profile gives pods CPUs for themselves, on nodes with the kernel profile low-latency. */
export function dedicates(profile: ProfileName): boolean {
  return profile === "latency" || profile === "hpc";
}

export function holds(when: Condition, workload: Workload): boolean {
  return questionKeys.every((key) => (when[key] as readonly string[] | undefined)?.includes(workload[key]) ?? true);
}

/** Question and answer, such as `How sensitive are they to latency? critical`. */
export function sentence(question: Question, workload: Workload): string {
  return `${questions[question].asks} ${workload[question]}`;
}

/** Every workload there can be: each answer of each question with each of the others. */
export function everyWorkload(): Workload[] {
  return questionKeys.reduce<Partial<Workload>[]>(
    (some, key) => some.flatMap((one) => answersOf(key).map((answer) => ({ ...one, [key]: answer }))),
    [{}],
  ) as Workload[];
}
