import * as pulumi from "@pulumi/pulumi";
import { crossChecks } from "./cross-checks";
import { type Settings, schema } from "./schema";

export type { Settings } from "./schema";

/** Keys that hold secrets and are read where they are used, never as plain settings. */
const secretKeys = ["bgpPasswords"];

/** Everything that is wrong with one environment's settings, at once. */
export class SettingsError extends Error {
  constructor(
    readonly file: string,
    readonly problems: readonly string[],
  ) {
    super(`${file} needs ${problems.length} change${problems.length === 1 ? "" : "s"}:\n  ${problems.join("\n  ")}`);
    this.name = "SettingsError";
  }
}

/** Checks settings and fills in the defaults. Throws a SettingsError that lists all problems. */
export function parseSettings(raw: Readonly<Record<string, unknown>>, file: string): Settings {
  const parsed = schema.safeParse(raw, { error: (issue) => (issue.input === undefined ? "is missing" : undefined) });
  if (!parsed.success) throw new SettingsError(file, parsed.error.issues.map(describe(raw)));

  const problems = crossChecks(parsed.data);
  if (problems.length > 0) throw new SettingsError(file, problems);
  return parsed.data;
}

/** The settings of the stack that is being deployed. */
export function loadSettings(): Settings {
  const prefix = `${pulumi.getProject()}:`;
  const raw = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix) && !secretKeys.includes(key.slice(prefix.length)))
    .map(([key, text]) => [key.slice(prefix.length), value(text)] as const);
  return parseSettings(Object.fromEntries(raw), `stacks/Pulumi.${pulumi.getStack()}.yaml`);
}

/** The engine hands objects over as JSON and words as they are. */
function value(text: string): unknown {
  return /^[[{]/.test(text) ? JSON.parse(text) : text;
}

/** One problem as "where is value, rule". */
const describe =
  (raw: unknown) =>
  (issue: { path: PropertyKey[]; message: string }): string => {
    const where = issue.path
      .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
      .join("")
      .replace(/^\./, "");
    const found = issue.path.reduce<unknown>(
      (at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step],
      raw,
    );
    const shown =
      typeof found === "string" || typeof found === "number" || typeof found === "boolean" ? ` (${found})` : "";
    return `${where || "settings"}${shown}: ${issue.message}`;
  };
