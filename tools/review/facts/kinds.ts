import type { FactKind } from "./fact";
import { networkFacts } from "./network";
import { placeFacts } from "./places";
import { softwareFacts } from "./software";

/** What is told: where things lie, then who gets in, then what runs. */
export const factKinds: readonly FactKind[] = [...placeFacts, ...networkFacts, ...softwareFacts];
