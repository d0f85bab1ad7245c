import { message, type Rule } from "../../policies/rule";
import type { Evidence } from "../evidence/schema";
import { statement } from "../evidence/statement";
import type { PackInUse } from "../packs/pack-config-in-use";
import type { Outcome, Violation } from "./events";

/** What the rules found in a preview. */
export interface PreviewEvidence {
  readonly statement: Evidence;
  /** Violations in it that the engine did not report: something kept a pack from judging. */
  readonly unreported: readonly Violation[];
}

/** Judges the resources of a preview again, here, where no program under review runs. */
export function evidenceOfPreview(
  stack: string,
  commit: string,
  { resources, violations }: Outcome,
  packs: readonly PackInUse[],
): PreviewEvidence {
  const state = { commit, resources, violations };
  const evidence = statement({ stack, state, packs, time: new Date().toISOString() });
  const rules = new Map(
    packs.flatMap((pack) => pack.rules.map((rule) => [rule.id, { rule, pack: pack.name }] as const)),
  );
  const reported = new Set(
    violations.filter(({ mandatory }) => mandatory).map(({ policy, urn }) => `${policy} ${urn}`),
  );
  const stackUrn = resources.find(({ type }) => type === "pulumi:pulumi:Stack")?.urn ?? "";

  const open = evidence.predicate.rules
    .filter(({ level }) => level === "mandatory")
    .flatMap(({ id, findings }) =>
      findings
        .filter(({ state }) => state === "violated" || state === "unverifiable")
        .map((finding): Violation => {
          const { rule, pack } = rules.get(id) as { rule: Rule; pack: string };
          const { attested: _, exception: __, resource: ___, ...found } = finding;
          const text = message(rule, { ...found, state: found.state as "violated" | "unverifiable" });
          return { pack, policy: rule.name, urn: finding.urn, message: text, mandatory: true };
        }),
    );
  const wrong = evidence.predicate.exceptions.problems
    .filter((problem) => !violations.some((one) => one.message.includes(problem)))
    .map(
      (problem): Violation => ({
        pack: "",
        policy: "exceptions",
        urn: stackUrn,
        message: `POL-01 ${problem}`,
        mandatory: true,
      }),
    );
  return {
    statement: evidence,
    unreported: [...open.filter((one) => !reported.has(`${one.policy} ${one.urn}`)), ...wrong],
  };
}
