import { z } from "zod";

/** Words that follow a wrong value and say what is wrong and what to write instead; undefined for a right one. */
export type Rule<Value = string> = (value: Value) => string | undefined;

/** Text that keeps the rules; the first that it breaks is told. */
export function text(...rules: readonly Rule[]): z.ZodString {
  return z.string().check(({ value, issues }) => {
    const message = firstBroken(rules, value);
    if (message) issues.push({ code: "custom", message, input: value });
  });
}

/** Text or an expression that it must match, where the whole rule is one. */
export function matching(pattern: RegExp, message: string): Rule {
  return (value) => (pattern.test(value) ? undefined : message);
}

function firstBroken(rules: readonly Rule[], value: string): string | undefined {
  for (const rule of rules) {
    const message = rule(value);
    if (message) return message;
  }
  return undefined;
}

/** A list in which no value, as `key` gives it, occurs twice. */
export function distinct<Item>(
  item: z.ZodType<Item>,
  key: (item: Item) => string = String,
): z.ZodArray<z.ZodType<Item>> {
  return z.array(item).check(({ value, issues }) => {
    const seen = new Map<string, number>();
    for (const [at, one] of value.entries()) {
      const first = seen.get(key(one));
      if (first === undefined) seen.set(key(one), at);
      else
        issues.push({ code: "custom", path: [at], input: one, message: `is there already as [${first}]; remove one` });
    }
  });
}

/** One line of text for people. */
export const line = text(
  matching(/\S/, "is empty; write what it asks for"),
  matching(/^[^\p{Cc}\u2028\u2029]*$/u, "has a line break or another control character; write it on one line"),
  (value) => (value.length > 500 ? `has ${value.length} characters; 500 are the most` : undefined),
);

/** Each issue as "path (value): rule". `raw` is what was parsed; user and password of an address are never repeated. */
export function problemsOf(error: z.ZodError | undefined, raw: unknown): string[] {
  return (error?.issues ?? []).flatMap(ofOption).map(({ path, message, ...issue }) => {
    const where = path
      .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
      .join("")
      .replace(/^\./, "");
    const found = path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step], raw);
    return `${where || "settings"}${shown(found)}: ${wordsFor({ ...issue, message } as never, found)}`;
  });
}

/** Where a value may have one of several forms, what is wrong with it in the form that it comes closest to. */
function ofOption(issue: z.core.$ZodIssue): z.core.$ZodIssue[] {
  if (issue.code !== "invalid_union") return [issue];
  const isOther = (found: z.core.$ZodIssue) => found.code === "invalid_type" && found.path.length === 0;
  const options = issue.errors.filter((found) => !found.some(isOther)).sort((a, b) => a.length - b.length);
  return options[0]?.map((found) => ({ ...found, path: [...issue.path, ...found.path] })) ?? [issue];
}

const longest = 120;

function shown(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return ` (${value})`;
  if (typeof value !== "string") return "";
  if (/PRIVATE KEY|AGE-SECRET-KEY-/i.test(value)) return " (a private key)";
  const plain = value.replace(/\/\/[^/]*@/, "//…@");
  // Quoted only where a reader could not see what is there: a line break, or blanks at an end.
  const quoted = /^\s|\s$|\p{Cc}|^$/u.test(plain) ? JSON.stringify(plain) : plain;
  return ` (${quoted.length > longest ? `${quoted.slice(0, longest)}…` : quoted})`;
}

function wordsFor(issue: Partial<z.core.$ZodIssue> & { message: string }, found: unknown): string {
  const { code, message } = issue;
  // The key of a map has rules of its own.
  if (code === "invalid_key") return (issue as z.core.$ZodIssueInvalidKey).issues[0]?.message ?? message;
  if (code === "unrecognized_keys") return `${message}; remove it, or correct how it is spelled and indented`;
  if (code !== "invalid_type" || (issue as z.core.$ZodIssueInvalidType).expected !== "string") return message;
  if (found === null) return "is empty; write a text, or leave the key out";
  if (typeof found === "boolean" || typeof found === "number") {
    return `YAML reads this as a ${typeof found}; put it in quotes, as in "${found}"`;
  }
  return message;
}
