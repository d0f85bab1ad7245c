import { type Exception, exceptionFor, wrongExceptions } from "../../policies/exceptions";
import { judge } from "../../policies/judge";
import { type Finding, isViolation, type Rule, thingOf } from "../../policies/rule";
import type { PackInUse } from "../packs/pack-config-in-use";
import {
  type Evidence,
  type EvidenceFinding,
  type EvidenceRule,
  type EvidenceState,
  type LiveFacts,
  predicateType,
  states,
} from "./schema";
import { type Preview, type StackState, secretWord } from "./stack-state";

/** What evidence is made from. The same grounds give the same bytes. */
export interface Grounds {
  readonly stack: string;
  readonly state: StackState | Preview;
  readonly packs: readonly PackInUse[];
  /** When the state was read, ISO 8601, UTC. */
  readonly time: string;
  readonly live?: LiveFacts;
}

/** What no rule can find out. The evidence lists it, so that a reader does not assume it. */
const limits = [
  "Where machines physically stand is declared, and bounded by round-trip times where these were measured.",
  "What is attested was said by somebody until a date; no program has checked it.",
  "Whether an operator would follow an order from abroad is not something that can be read.",
  "Copies that somebody made outside of what this stack declares are not seen.",
  "What is read here is no legal assessment.",
];

const ofPreview = "Nothing of it is made yet: it is what a preview shows, with placeholders for keys and passwords.";

/** Judges a stack's state, or a preview of it, by every rule. @returns the findings as an in-toto statement */
export function statement({ stack, state, packs, time, live }: Grounds): Evidence {
  const today = time.slice(0, 10);
  const preview = "commit" in state ? state : undefined;
  const problems: string[] = [];
  const rules = packs.flatMap((pack) => {
    const covered = new Map<Exception, Finding[]>();
    const judged = pack.rules.map((rule) => judgedRule(rule, pack, covered));
    const ids = pack.rules.map(({ id }) => id);
    problems.push(...pack.problems.filter((problem) => !problems.includes(problem)));
    problems.push(...wrongExceptions(pack.exceptions, covered, ids, stack, today));
    return judged;
  });
  const count = (wanted: EvidenceState) => rules.filter((rule) => rule.state === wanted).length;

  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: `stack/${stack}`, digest: digestOf(state) }],
    predicateType,
    predicate: {
      stack,
      of: preview ? "preview" : "state",
      time,
      resources: state.resources.length,
      packs: packs.map(({ name, version, sha256, parameters, exceptionsSha256 }) => ({
        ...{ name, version, sha256, parameters },
        ...(exceptionsSha256 === undefined ? {} : { exceptionsSha256 }),
      })),
      exceptions: { problems },
      verdict: isOpen(rules, problems, live) ? "open" : "nothing open",
      summary: Object.fromEntries(states.map((one) => [one, count(one)])) as Record<EvidenceState, number>,
      rules: rules.sort((a, b) => (a.id < b.id ? -1 : 1)),
      ...(live ? { live } : {}),
      limits: [...(preview ? [ofPreview] : []), ...limits],
    },
  };

  function judgedRule(rule: Rule, pack: PackInUse, covered: Map<Exception, Finding[]>): EvidenceRule {
    const { id, title, severity, basis, reviewBy, reads } = rule;
    const level = pack.levels.get(rule.name) ?? "mandatory";
    const findings = judge(rule, state.resources, { ...pack.parameters, today }).map((finding) =>
      written(rule, finding, pack.exceptions, covered),
    );
    const worst = states.find((one) => findings.some((finding) => finding.state === one)) ?? "nothing to judge";
    return {
      ...{ id, pack: pack.name, level, title, severity, basis: [...basis], reviewBy, reads: [...reads] },
      state: worst,
      findings: findings.sort((a, b) => (a.urn + a.field < b.urn + b.field ? -1 : 1)),
    };
  }

  function written(
    rule: Rule,
    finding: Finding,
    exceptions: readonly Exception[],
    covered: Map<Exception, Finding[]>,
  ): EvidenceFinding {
    // Advice belongs to the message of a violation, not to evidence.
    const { wayOut: _, ...found } = finding;
    const resource = thingOf(finding.urn);
    const exception = isViolation(finding) ? exceptionFor(exceptions, rule.id, finding, today) : undefined;
    if (!exception) return { resource, ...found, ...seenByThePack(rule, finding) };
    covered.set(exception, [...(covered.get(exception) ?? []), finding]);
    const { owner, until, justification } = exception;
    return { resource, ...found, state: "excepted", exception: { owner, until, justification } };
  }

  /**
   * The log of a preview leaves out secrets, options and what a property is made from, which the packs saw. If they let
   * those pass, it is no violation.
   */
  function seenByThePack({ name: policy, readsOrigins }: Rule, finding: Finding): Partial<EvidenceFinding> {
    if (!preview || !isViolation(finding)) return {};
    const { urn } = finding;
    const resource = preview.resources.find((one) => one.urn === urn);
    const hidden =
      finding.field.startsWith("options.") ||
      (readsOrigins === true && finding.state === "unverifiable") ||
      JSON.stringify(resource?.properties ?? {}).includes(`"${secretWord}"`);
    const refused = preview.violations.some((one) => one.mandatory && one.policy === policy && one.urn === urn);
    if (!hidden || refused) return {};
    return { state: "shown", reason: "A preview keeps no record of it; the pack that saw it had nothing against it." };
  }
}

function isOpen(rules: readonly EvidenceRule[], problems: readonly string[], live: LiveFacts | undefined): boolean {
  const open = (state: EvidenceState) => state === "violated" || state === "unverifiable";
  return (
    problems.length > 0 ||
    rules.some(({ level, state }) => level === "mandatory" && open(state)) ||
    (live?.facts ?? []).some(({ state }) => open(state))
  );
}

function digestOf(state: StackState | Preview): Evidence["subject"][number]["digest"] {
  return "commit" in state ? { gitCommit: state.commit } : { sha256: state.fingerprint };
}
