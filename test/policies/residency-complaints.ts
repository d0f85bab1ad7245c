import { judge } from "../../policies/judge";
import { parameters } from "../../policies/residency/parameters";
import { rules } from "../../policies/residency/rules";
import { isViolation, message } from "../../policies/rule";
import { asResources } from "./described";
import type { Described } from "./programs/resources";
import { inDays } from "./residency-programs";

/** What the pack is told today when nobody tells it anything. */
export const told = { ...parameters.parse({}), today: inDays(0) };

/** What people read about a program, all of it. */
export function complaints(program: readonly Described[], more: Partial<typeof told> = {}): string {
  return rules
    .flatMap((rule) => judge(rule, asResources(program), { ...told, ...more }).map((finding) => ({ rule, finding })))
    .filter(({ finding }) => isViolation(finding))
    .map(({ rule, finding }) => message(rule, finding))
    .join("\n\n");
}
