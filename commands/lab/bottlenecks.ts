import { bottleneck } from "../../components/measure/bottleneck";
import { measure } from "../../components/measure/measure";
import { aligned } from "../../components/verify/report";
import { overSsh } from "../../components/verify/ssh";
import { bottlenecks, during } from "../../tools/lab/native/bottlenecks";
import type { ClusterInput } from "../stack-outputs";
import { clusterOfLab } from "./cluster";

/**
 * `make lab-bottlenecks`: makes what holds a cluster back, one after the other, and sees whether the report names it and
 * nothing else; before and after, that it names nothing. Give it the machine alone.
 */
export async function nameBottlenecks(lab: string): Promise<void> {
  const input = await clusterOfLab(lab);
  const rows: { what: string; wanted: string; named: string }[] = [];
  const look = async (what: string, wanted: string) => {
    const named = await namedIn(input).catch(({ message }: Error) => [message]);
    rows.push({ what, wanted, named: named.join(", ") || "none" });
  };
  await look("nothing is done to it", "none");
  for (const one of bottlenecks) {
    console.error(`lab-bottlenecks: ${one.what}`);
    await during(lab, one, () => look(one.what, one.rule)).catch(({ message }: Error) =>
      rows.push({ what: one.what, wanted: one.rule, named: message }),
    );
  }
  await look("all of it is taken back", "none");
  const isRight = ({ wanted, named }: (typeof rows)[number]) => wanted === named;
  const head = ["", "WHAT IS DONE TO THE LAB", "CAUSE", "NAMED"];
  const cells = rows.map((row) => [isRight(row) ? "ok" : "WRONG", row.what, row.wanted, row.named]);
  console.log(aligned([head, ...cells]).join("\n"));
  const right = rows.filter(isRight).length;
  console.log(`\n${right} of ${rows.length} answers are right.`);
  if (right < rows.length) process.exitCode = 1;
}

/** @throws Error if hypervisors take processor time from this machine whenever it looks: that is a bottleneck of its own */
async function namedIn({ wanted, targets, hypervisors }: ClusterInput): Promise<string[]> {
  for (let attempt = 1; attempt <= 4; attempt++) {
    const measured = await overSsh({ ...hypervisors, ...targets }, (run) =>
      measure(wanted, run, { hypervisors: Object.keys(hypervisors), say: console.error }),
    );
    const stolen = Math.max(
      ...measured.nodes.map(({ processor }) => ("value" in processor ? processor.value.stealPercent : 0)),
    );
    if (stolen <= wanted.stealPercent) {
      const { answer, named } = bottleneck(measured);
      console.error(`lab-bottlenecks: ${answer}`);
      return named.map(({ rule }) => rule);
    }
    console.error(`lab-bottlenecks: ${stolen} % of this machine's processors were taken from it meanwhile: once more`);
  }
  throw new Error("too much of this machine's processors was taken from it, four times");
}
