import type { FactKind } from "./fact";
import { networkFacts } from "./network";
import { softwareFacts } from "./software";

/** What is told, the gravest first. */
export const factKinds: readonly FactKind[] = [...networkFacts, ...softwareFacts];
