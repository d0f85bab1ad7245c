/** Result of one command on a node. */
export interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Whether this is one: a node that somebody else has may print anything. */
export function isAnswer(one: Partial<Answer> | null): one is Answer {
  return typeof one?.status === "number" && typeof one.stdout === "string" && typeof one.stderr === "string";
}

/** Gives the answer of one command by the name of its reading: what `node-config/verify/observe.sh` printed for it. */
export type Ask = (name: string) => Answer | undefined;

/** A value read from a running system, or why it could not be read. */
export type Reading<T> = { readonly value: T } | { readonly unreadable: string };

/** Parses one answer. If the command failed, was not run, or its output does not parse, the reading is unreadable. */
export function read<T>(answer: Answer | undefined, parse: (stdout: string) => T): Reading<T> {
  if (!answer) return { unreadable: "not asked" };
  if (answer.status === 124) return { unreadable: "no answer within the time limit" };
  if (answer.status !== 0) return { unreadable: lastWords(answer.stderr) || `exit status ${answer.status}` };
  try {
    return { value: parse(answer.stdout) };
  } catch (error) {
    return { unreadable: `not understood: ${error instanceof Error ? error.message : error}` };
  }
}

/** The last lines tell: before them kubectl says the same of each of its attempts, and every check would repeat it. */
function lastWords(stderr: string): string {
  return stderr.trim().split("\n").slice(-3).join("\n");
}

/** One reading made of two: readable when both are. */
export function both<A, B, T>(a: Reading<A>, b: Reading<B>, join: (a: A, b: B) => T): Reading<T> {
  if ("unreadable" in a) return a;
  if ("unreadable" in b) return b;
  return { value: join(a.value, b.value) };
}
