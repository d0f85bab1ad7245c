import { readFileSync } from "node:fs";
import { join } from "node:path";
import { measure } from "../../../components/measure/measure";
import type { Measured } from "../../../components/measure/measured";
import { reportOf } from "../../../components/measure/report";
import type { Report } from "../../../components/measure/schema";
import type { Run } from "../../../components/verify/run";
import { wanted } from "../verify/healthy";

/** What scripts printed, by node and by script. */
type Recorded = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Readings of observe.sh and observe-cluster.sh are those of a lab's two nodes. Processors, connections, etcd and the path
 * were recorded by the report's own scripts on one machine: etcd alone, and two network namespaces with a veth pair.
 */
const recorded: Recorded = JSON.parse(readFileSync(join(__dirname, "recorded.json"), "utf8"));

/** A script that was called: where, which, with what. */
export interface Call {
  readonly node: string;
  readonly script: string;
  // biome-ignore lint/suspicious/noExplicitAny: each script reads something else
  readonly input: any;
}

/** Answers scripts as they were answered when it was recorded, but for those that `instead` answers; it may throw. Keeps the calls. */
export function answering(calls: Call[] = [], instead: (call: Call) => unknown = () => undefined): Run {
  return async (node, script, stdin) => {
    const call = { node, script, input: JSON.parse(stdin) };
    calls.push(call);
    const other = instead(call);
    if (other !== undefined) return JSON.stringify(other);
    // The end that answers prints nothing.
    return call.input.serve ? "" : JSON.stringify(recorded[node]?.[script]);
  };
}

export const reportWanted = { ...wanted, stealPercent: 5 };

/** What was measured where nothing was done to anything. */
export function healthy(): Promise<Measured> {
  return measure(reportWanted, answering());
}

/** The same with one number of it replaced: `at(measured)` is the object that holds it. */
export async function healthyBut(change: (measured: Measured) => void): Promise<Measured> {
  const measured = structuredClone(await healthy());
  change(measured);
  return measured;
}

export function reported(measured: Measured, before?: Report): Report {
  const run = { stack: "lab", time: "2026-11-26T14:00:00.000Z", seconds: 42 };
  return reportOf(run, measured, ["The lab's disks are not real ones."], before);
}

/** The value of a reading that has to be there. */
export function readingOf<T>(reading: { readonly value: T } | { readonly unreadable: string }): T {
  if ("unreadable" in reading) throw new Error(reading.unreadable);
  return reading.value;
}
