import { machineChecks } from "./machines";
import { networkChecks } from "./networks";
import { softwareChecks } from "./software";

/** Settings that contradict each other or what versions.yaml allows. `raw` may have other mistakes too. */
export function crossChecks(raw: unknown): string[] {
  return [...machineChecks, ...networkChecks, ...softwareChecks].flatMap((check) => check(raw));
}
