import { bottleneck } from "./bottleneck";
import { difference } from "./difference";
import type { Measured } from "./measured";
import type { Report } from "./schema";

/** Judges what was measured, and compares it with the report before. Pure. */
export function reportOf(
  { stack, time, seconds }: Pick<Report, "stack" | "time" | "seconds">,
  measured: Measured,
  remarks: readonly string[],
  before?: Report,
): Report {
  const judged = { measured, bottleneck: bottleneck(measured) };
  return {
    schema: 1,
    ...{ stack, time, seconds },
    ...judged,
    ...(before ? { difference: difference(before, judged) } : {}),
    remarks: [...remarks, ...limits(measured)],
  };
}

/** What these numbers can't show. */
function limits({ paths, pairs, nodes }: Measured): string[] {
  return [
    ...(paths.length < pairs ? [`${paths.length} of ${pairs} pairs of nodes were measured, one after the other.`] : []),
    ...(nodes.length === 1 ? ["There is one node, so no path between nodes."] : []),
    "Round trips are those of a small program in Python on each end, which adds some microseconds to both networks alike.",
  ];
}
