import { bottleneck } from "./bottleneck";
import { difference } from "./difference";
import type { Measured } from "./measured";
import type { RuleId } from "./rule";
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

/** Why a deployment that refuses these causes fails, a line for each. What nobody could answer is no permission. */
export function refusedIn({ bottleneck }: Report, refuse: readonly RuleId[]): string[] {
  const isRefused = ({ rule }: { readonly rule: string }) => refuse.some((id) => id === rule);
  return [
    ...bottleneck.named.filter(isRefused).map(({ rule, title }) => `refused: ${title} (${rule})`),
    ...bottleneck.unanswered.filter(isRefused).map(({ rule, reason }) => `refused: ${rule} is not answered: ${reason}`),
  ];
}

/** What these numbers can't show. */
function limits({ paths, pairs, nodes }: Measured): string[] {
  return [
    ...(paths.length < pairs ? [`${paths.length} of ${pairs} pairs of nodes were measured, one after the other.`] : []),
    ...(nodes.length === 1 ? ["There is one node, so no path between nodes."] : []),
    "Round trips are those of a small program in Python on each end, which adds some microseconds to both networks alike.",
  ];
}
