/**
 * What a rule is, what it sees and what it says: plain data without Pulumi in it. So the same rule runs in a preview, on
 * a stack's state, on its export and in a test.
 */

/** A value that is not known yet, as most outputs in a preview. It is never equal to anything that a rule allows. */
export const unknown = Symbol("unknown");

/** What stands in a resource's properties. Secrets stand in clear here: never put a value into a message unasked. */
export type Value = null | boolean | number | string | typeof unknown | readonly Value[] | Properties;
export interface Properties {
  readonly [name: string]: Value | undefined;
}

/** A resource as rules see it: its inputs, since those are what somebody decided. */
export interface Resource {
  readonly urn: string;
  /** Type token such as `kjerne:node:KvmNode`. */
  readonly type: string;
  readonly name: string;
  /** URN of the parent. */
  readonly parent?: string;
  readonly properties: Properties;
  /** Names of outputs that are kept secret, from the resource's options. */
  readonly additionalSecretOutputs: readonly string[];
  /** Whether the resource is protected from deletion. */
  readonly protect: boolean;
}

/** Where a demand comes from. Law and what a customer asks for are never mixed up. */
export interface Basis {
  readonly kind: "law" | "guidance" | "customer demand" | "technical";
  /** What it says, in one sentence. */
  readonly text: string;
  readonly link: string;
  /** Day of the text or, where that has none, of the day it was read: `2023-07-10`. */
  readonly date: string;
}

export type Severity = "low" | "medium" | "high" | "critical";

/** What can be said about one field of one resource. */
export type State =
  /** It was read, and it is allowed. */
  | "shown"
  /** Somebody vouches for it, until a date; no program can see it. */
  | "attested"
  /** It is missing, unknown or not to be understood. Counts as a violation. */
  | "unverifiable"
  /** It was read, and it is not allowed. */
  | "violated";

export interface Finding {
  /** Empty where it is about the stack and no resource of it. */
  readonly urn: string;
  /** Path in the resource's properties: `site.country`, `containers[0].image`. */
  readonly field: string;
  readonly state: State;
  /** The value that was found. Only where it can't be a secret: a country, a host, a yes or no. */
  readonly read?: string;
  /** What is allowed, in words: `NO, SE or DK`. */
  readonly allowed?: string;
  /**
   * Why this value is not allowed, or can't be judged, as a whole sentence. On a value that is allowed: what to know about
   * it nevertheless, told as a warning that stops nothing.
   */
  readonly reason?: string;
  /** What to do about it, as a whole sentence. */
  readonly wayOut?: string;
  /** Who vouches for it and until when (`2027-06-30`), where the state is `attested`. */
  readonly attested?: { readonly by: string; readonly until: string };
}

/** Every rule is told the day, so that it stays a pure function. */
export interface Day {
  /** `2027-03-31`, in UTC. */
  readonly today: string;
}

/**
 * One demand: data about it, and a pure function that judges.
 *
 * @typeParam P - parameters of the pack that the rule is in
 */
export interface Rule<P = unknown> {
  /** For people and documents: `RES-01`. Never used again for something else. */
  readonly id: string;
  /** The policy's name in the engine: `node-location`. Names the key in `--policy-pack-config`. */
  readonly name: string;
  /** One sentence that states the demand. */
  readonly title: string;
  readonly basis: readonly [Basis, ...Basis[]];
  /** Day by which somebody reads the basis again: `2027-05-01`. */
  readonly reviewBy: string;
  readonly severity: Severity;
  /** What it looks at, for people: `kjerne:node:KvmNode: site.country`. */
  readonly reads: readonly string[];
  /**
   * `each`: judges resources one by one, and so stops them before they are made. `together`: needs all of them at once,
   * and judges when the run has ended.
   */
  readonly scope: "each" | "together";
  /** The resources that the rule is about; it gets no others. */
  appliesTo(resource: Resource): boolean;
  /**
   * What it means that the stack has no such resource. A sentence says what is missing and what to do, and the rule is
   * `unverifiable`. Left out: there is nothing to judge, which is said and is no violation.
   */
  readonly ifNone?: string;
  /** @returns what was found, the good with the bad. An exception in it is `unverifiable`, and hides no other finding. */
  check(resources: readonly Resource[], parameters: P & Day): Finding[];
}

/** The states that stop a run unless an exception names them. */
export function isViolation({ state }: Finding): boolean {
  return state === "violated" || state === "unverifiable";
}

/** A finding for people who don't know Pulumi: the demand, what is wrong where and what to do, why. The only place that makes such text. */
export function message({ id, title, basis }: Pick<Rule, "id" | "title" | "basis">, finding: Finding): string {
  const { field, state, read, allowed, reason, wayOut } = finding;
  const [{ text, link }] = basis;
  const where = [thingOf(finding.urn), field].filter(Boolean).join(", ");
  const what = state === "violated" ? "not allowed" : state;
  const value = read === undefined ? [] : [`is ${read}`];
  const judgement = state === "shown" && read !== undefined ? value : [...value, what];
  const found = `${where}: ${judgement.join(", ")}${allowed ? `; allowed: ${allowed}` : ""}.`;
  return [`${id} ${title}`, [found, reason, wayOut].filter(Boolean).join(" "), `Why: ${text} (${link})`].join("\n");
}

/** `urn:pulumi:oslo::kjerne::a$kjerne:node:KvmNode::cp1` → `KvmNode cp1`. */
export function thingOf(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  const type = types.split("$").at(-1) ?? "";
  return `${type.split(":").at(-1)} ${name.join("::")}`.trim();
}
