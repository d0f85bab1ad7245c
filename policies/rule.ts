/**
 * What a rule is, what it reads and what it finds, as plain data without Pulumi in it. So the same rule runs in a
 * preview, on a stack's state, on an exported state and in a test.
 */

/** A value that is not known yet, such as most outputs in a preview. It equals nothing that a rule allows. */
export const unknown = Symbol("unknown");

/** A value in a resource's properties. Secrets are in clear text here: put no value into a message that may be one. */
export type Value = null | boolean | number | string | typeof unknown | readonly Value[] | Properties;
export interface Properties {
  readonly [name: string]: Value | undefined;
}

/** A resource as rules see it: with its inputs, since those are what somebody decided. */
export interface Resource {
  readonly urn: string;
  /** Type token such as `kjerne:node:KvmNode`. */
  readonly type: string;
  readonly name: string;
  /** URN of the parent. */
  readonly parent?: string;
  readonly properties: Properties;
  /** Names of the outputs that the resource's options keep secret. */
  readonly additionalSecretOutputs: readonly string[];
  /** Whether the resource is protected from deletion. */
  readonly protect: boolean;
  /** Whether a provider makes it. A component has none: it makes nothing itself, its children do. */
  readonly hasProvider?: boolean;
  /**
   * Property → URNs of the resources whose outputs it is made from. For a value that is not known yet, they say where it
   * comes from.
   *
   * @default - not known: while one resource is judged before it is made, and in an engine's log
   */
  readonly madeFrom?: Readonly<Record<string, readonly string[]>>;
}

/** Where a demand comes from. `kind` keeps apart what law asks and what a customer asks. */
export interface Basis {
  readonly kind: "law" | "guidance" | "customer demand" | "technical";
  /** What the source says, in one sentence. */
  readonly text: string;
  readonly link: string;
  /** Date of the source or, if it has none, the day on which it was read: `2023-07-10`. */
  readonly date: string;
}

export type Severity = "low" | "medium" | "high" | "critical";

/** What a rule can find about one field of one resource. */
export type State =
  /** The program itself works with the value that was read, and it is allowed. */
  | "shown"
  /** Somebody wrote it down, and what it says is allowed. No program can check it, and nobody vouches for it. */
  | "declared"
  /** Somebody vouches for it until a date; no program can check it. */
  | "attested"
  /** The value is missing, unknown or of no readable form. Counts as a violation. */
  | "unverifiable"
  /** The value was read, and it is not allowed. */
  | "violated";

export interface Finding {
  /** Empty if the finding is about the stack and none of its resources. */
  readonly urn: string;
  /** Path in the resource's properties: `site.country`, `containers[0].image`. */
  readonly field: string;
  readonly state: State;
  /** The value that was read. Only if it can't be a secret: a country, a host, a boolean. */
  readonly read?: string;
  /** What is allowed, in words: `NO, SE or DK`. */
  readonly allowed?: string;
  /**
   * Why the value is not allowed or can't be judged, as a whole sentence. If the value is allowed: a warning about it,
   * which stops nothing.
   */
  readonly reason?: string;
  /** What to do about it, as a whole sentence. */
  readonly wayOut?: string;
  /** What the value goes against. @default - the rule's first basis */
  readonly basis?: Basis;
  /** Who vouches for it and until when (`2027-06-30`), where the state is `attested`. */
  readonly attested?: { readonly by: string; readonly until: string };
}

/** Every rule gets the date as a parameter, so that it stays a pure function. */
export interface Day {
  /** The date in UTC: `2027-03-31`. */
  readonly today: string;
}

/**
 * One demand: data about it, and a pure function that judges.
 *
 * @typeParam P - parameters of the pack that the rule is in
 */
export interface Rule<P = unknown> {
  /** Names the rule for people and in documents: `RES-01`. Never used again for another rule. */
  readonly id: string;
  /** Names the policy in the engine, and its key in `--policy-pack-config`: `node-location`. */
  readonly name: string;
  /** The demand, in one sentence. */
  readonly title: string;
  readonly basis: readonly [Basis, ...Basis[]];
  /** Day by which somebody checks whether the basis still says so: `2027-05-01`. */
  readonly reviewBy: string;
  readonly severity: Severity;
  /** Types and fields that the rule reads, for people: `kjerne:residency:State: backend`. */
  readonly reads: readonly string[];
  /**
   * `each`: judges one resource at a time, before the engine creates it. `together`: needs all resources at once, and
   * judges at the end of the preview or update.
   */
  readonly scope: "each" | "together";
  /** Set where the rule reads `madeFrom`: without it a value that is not known yet is `unverifiable`. */
  readonly readsOrigins?: true;
  /** Whether the rule is about a resource; `check` gets no others. */
  appliesTo(resource: Resource): boolean;
  /**
   * What is missing and what to do if the rule is about no resource of the stack, as a sentence. The rule is then
   * `unverifiable`.
   *
   * @default - such a stack has nothing to judge, which is reported and is no violation
   */
  readonly ifNone?: string;
  /** @returns findings, passing ones included. If `check` throws an error, the result is `unverifiable`. */
  check(resources: readonly Resource[], parameters: P & Day): Finding[];
  /**
   * For a rule of scope `together`: what it finds about one resource by that alone, before the engine creates it. Not from
   * others: a program registers several at once, in no order. `check` judges the resource again at the end.
   *
   * @default - nothing is found before the end
   */
  checkBefore?(resource: Resource, parameters: P & Day): Finding[];
}

/** Whether a finding stops the run, unless an exception covers it. */
export function isViolation({ state }: Finding): boolean {
  return state === "violated" || state === "unverifiable";
}

/**
 * A finding as text for people who don't know Pulumi: the demand, what is wrong where, what to do about it, and why.
 * Nothing else makes such text.
 */
export function message({ id, title, basis }: Pick<Rule, "id" | "title" | "basis">, finding: Finding): string {
  const { field, state, read, allowed, reason, wayOut } = finding;
  const { text, link } = finding.basis ?? basis[0];
  const where = [thingOf(finding.urn), field].filter(Boolean).join(", ");
  const what = state === "violated" ? "not allowed" : state;
  const value = read === undefined ? [] : [`is ${read}`];
  const judgement = (state === "shown" || state === "declared") && read !== undefined ? value : [...value, what];
  const found = `${where}: ${judgement.join(", ")}${allowed ? `; allowed: ${allowed}` : ""}.`;
  return [`${id} ${title}`, [found, reason, wayOut].filter(Boolean).join(" "), `Why: ${text} (${link})`].join("\n");
}

/** Type and name: `urn:pulumi:oslo::kjerne::a$kjerne:node:KvmNode::cp1` → `KvmNode cp1`. */
export function thingOf(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  const type = types.split("$").at(-1) ?? "";
  return `${type.split(":").at(-1)} ${name.join("::")}`.trim();
}
