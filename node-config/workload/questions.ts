import { z } from "zod";

/**
 * The six questions that tell which network a workload needs. Answers of each stand from the least that is asked of the
 * network to the most.
 */
export const questions = {
  communication: {
    asks: "How often do pods talk to each other?",
    answers: {
      rarely: "They work for themselves, and talk to clients or a database now and then.",
      often: "A request goes through several of them.",
      constantly: "They compute in step, and wait for each other's results.",
    },
  },
  latency: {
    asks: "How sensitive are they to latency?",
    answers: {
      tolerant: "A few milliseconds more are noticed by nobody.",
      sensitive: "Milliseconds add up to something that users or the run time show.",
      critical: "Microseconds count, and the slowest answer more than the usual one.",
    },
  },
  eastWest: {
    asks: "How much of the traffic is between nodes?",
    answers: {
      little: "Most of it comes from outside, or stays on a node.",
      some: "About as much as comes from outside.",
      most: "Nearly all of it.",
    },
  },
  exchange: {
    asks: "Do they exchange small messages or large data sets?",
    answers: {
      "small-messages": "A packet or two at a time.",
      mixed: "Both.",
      "large-data-sets": "Megabytes and more at a time: shuffles, checkpoints, replicas.",
    },
  },
  directAccess: {
    asks: "Do they need direct access to a network of their own?",
    answers: {
      unneeded: "The network of all pods is enough.",
      needed: "They want an interface on a fabric: RDMA, InfiniBand, a storage network, MPI beside everything else.",
    },
  },
  priority: {
    asks: "What comes first, simple operations or performance?",
    answers: {
      simplicity: "As few parts as possible, whatever that costs in speed.",
      balanced: "Speed where it can be had without much ado.",
      performance: "Speed, and somebody is there who looks after it.",
    },
  },
} as const;

export type Question = keyof typeof questions;
type Answers = { readonly [Key in Question]: keyof (typeof questions)[Key]["answers"] };
/** An answer to each of the six questions. */
export type Workload = Answers;

export const questionKeys = Object.keys(questions) as Question[];

/** Answers of one question, from the least that is asked of the network to the most. */
export function answersOf<Key extends Question>(question: Key): Answers[Key][] {
  return Object.keys(questions[question].answers) as Answers[Key][];
}

/** `kjerne:workload`: each of the six, since a question that nobody answered is no answer. */
export const workload = z
  .strictObject({
    communication: oneOf("communication"),
    latency: oneOf("latency"),
    eastWest: oneOf("eastWest"),
    exchange: oneOf("exchange"),
    directAccess: oneOf("directAccess"),
    priority: oneOf("priority"),
  })
  .describe("What runs here asks of the network: it chooses a profile, and `make network` explains it.");

function oneOf<Key extends Question>(question: Key) {
  const answers = answersOf(question);
  const { asks } = questions[question];
  return z
    .enum(answers as [Answers[Key], ...Answers[Key][]], {
      error: ({ input }) =>
        `${input === undefined ? "is missing" : "is no answer"}: ${asks} Choose one of ${answers.join(", ")}`,
    })
    .describe(asks);
}
