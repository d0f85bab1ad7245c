import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { bgpPasswords, missingPasswords, routersWithPassword } from "./bgp-passwords";
import { crossChecks } from "./cross-checks/all";
import { type NamedFiles, namedFiles } from "./named-files";
import { type Settings, schema } from "./schema";

export type { Settings } from "./schema";

/** Everything that is wrong with one environment's settings, at once. Pulumi prints a RunError without its stack. */
export class SettingsError extends pulumi.RunError {
  constructor(
    readonly file: string,
    readonly problems: readonly string[],
  ) {
    super(`${file} needs ${problems.length} change${problems.length === 1 ? "" : "s"}:\n  ${problems.join("\n  ")}`);
    this.name = "SettingsError";
  }
}

/** Settings with defaults filled in, and the contents of the files that they name. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly files: NamedFiles;
}

/**
 * Checks settings, reads the files that they name and fills in the defaults. Throws a SettingsError that lists all
 * problems: keys and values, settings that contradict each other, files that can't be read, passwords that are missing.
 *
 * @param raw The stack's settings without the prefix `kjerne:` and without secrets.
 * @param file Name of the file that they are in, for messages.
 * @param routers Names of the routers whose password is in the stack's configuration.
 */
export async function readSettings(
  raw: Readonly<Record<string, unknown>>,
  file: string,
  routers: readonly string[],
): Promise<ReadSettings> {
  const settings = schema.safeParse(raw, { error: (issue) => (issue.input === undefined ? "is missing" : undefined) });
  const files = await namedFiles.safeParseAsync(raw);
  const unread = files.error?.issues.filter(({ code }) => code === "custom") ?? [];
  const problems = [
    ...(settings.error?.issues ?? []).map(describe(raw)),
    ...crossChecks(raw),
    ...unread.map(describe(raw)).sort(),
    ...missingPasswords(raw, routers),
  ];
  if (!settings.success || !files.success || problems.length > 0) throw new SettingsError(file, problems);
  return { settings: settings.data, files: files.data };
}

/** The settings of the stack that is being deployed. */
export async function loadSettings(): Promise<ReadSettings> {
  const prefix = `${pulumi.getProject()}:`;
  const raw = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix) && key !== `${prefix}${bgpPasswords}`)
    .map(([key, text]) => [key.slice(prefix.length), value(text)] as const);
  return readSettings(Object.fromEntries(raw), `stacks/Pulumi.${pulumi.getStack()}.yaml`, routersWithPassword());
}

/** The engine passes lists, objects and booleans as JSON, and strings as they are. */
function value(text: string): unknown {
  return /^([[{]|(true|false)$)/.test(text) ? JSON.parse(text) : text;
}

/** One problem as "where (value): rule". */
const describe =
  (raw: unknown) =>
  ({ path, message }: Pick<z.core.$ZodIssue, "path" | "message">): string => {
    const where = path
      .map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`))
      .join("")
      .replace(/^\./, "");
    const found = path.reduce<unknown>((at, step) => (at as Record<PropertyKey, unknown> | undefined)?.[step], raw);
    const shown =
      typeof found === "string" || typeof found === "number" || typeof found === "boolean" ? ` (${found})` : "";
    return `${where || "settings"}${shown}: ${message}`;
  };
