import type { Reading } from "./answers";
import type { Check } from "./report";

/** What a check is about, before anything was read. */
export type Question = Omit<Check, "found" | "passed">;

/** What was found, and whether the check passed. */
export type Finding = Pick<Check, "found" | "passed">;

/** Answers a question from a reading. What could not be read has failed. */
export function judge<T>(question: Question, reading: Reading<T>, look: (value: T) => Finding): Check {
  if ("unreadable" in reading) return { ...question, found: `unreadable: ${reading.unreadable}`, passed: false };
  return { ...question, ...look(reading.value) };
}

/** Passes when the value is exactly what is wanted. */
export function equals(wanted: string): (found: string) => Finding {
  return (found) => ({ found: found || "nothing", passed: found === wanted });
}

/** Passes without faults; otherwise every fault is in what was found. */
export function faultless(faults: readonly string[], good: string): Finding {
  return { found: faults.join("; ") || good, passed: faults.length === 0 };
}
