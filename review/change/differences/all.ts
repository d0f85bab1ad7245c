import type { Difference } from "./difference";
import { networkDifferences } from "./network";
import { placeDifferences } from "./places";
import { softwareDifferences } from "./software";

/** What is told: where things lie, then who gets in, then what runs. */
export const differences: readonly Difference[] = [...placeDifferences, ...networkDifferences, ...softwareDifferences];
