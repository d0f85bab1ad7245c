import { machineChecks } from "./machines";
import { networkChecks } from "./networks";
import { softwareChecks } from "./software";

/** Problems that the shape alone cannot show, in settings that may have mistakes of shape beside them. */
export function crossChecks(raw: unknown): string[] {
  return [...machineChecks, ...networkChecks, ...softwareChecks].flatMap((check) => check(raw));
}
