import { judge } from "../../policies/judge";
import { parameters } from "../../policies/residency/parameters";
import { rules } from "../../policies/residency/rules";
import { isViolation, message } from "../../policies/rule";
import { asResources } from "./described";
import type { Described } from "./programs/resources";
import { inDays } from "./residency-programs";

/** The pack's default parameters, and today's date. */
export const defaults = { ...parameters.parse({}), today: inDays(0) };

/** Messages about all violations in a program. */
export function complaints(program: readonly Described[], more: Partial<typeof defaults> = {}): string {
  return rules
    .flatMap((rule) =>
      judge(rule, asResources(program), { ...defaults, ...more }).map((finding) => ({ rule, finding })),
    )
    .filter(({ finding }) => isViolation(finding))
    .map(({ rule, finding }) => message(rule, finding))
    .join("\n\n");
}
