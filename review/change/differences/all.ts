import type { Difference } from "./difference";
import { networkDifferences } from "./network";
import { placeDifferences } from "./places";
import { softwareDifferences } from "./software";

/** Every kind of difference, in the order of the report: where data lies, who gets in, what runs. */
export const differences: readonly Difference[] = [...placeDifferences, ...networkDifferences, ...softwareDifferences];
