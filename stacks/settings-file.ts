import { parse } from "yaml";
import { crossChecks } from "../components/cluster/cross-checks";
import { problemsOf } from "../node-config/values/rule";
import { backupCredentials } from "./backup-credentials";
import { bgpPasswords } from "./bgp-passwords";
import { type Settings, schema } from "./schema";
import { SettingsError } from "./settings";

/**
 * The settings in the text of one environment's file, judged as far as that can be without the files and secrets that they
 * name. Throws a SettingsError that lists all problems.
 */
export function settingsIn(text: string, file: string): Settings {
  const { config = {} } = (parse(text) ?? {}) as { config?: Readonly<Record<string, unknown>> };
  const own = Object.entries(config).filter(
    ([key]) => key.startsWith("kjerne:") && ![bgpPasswords, backupCredentials].includes(key.slice("kjerne:".length)),
  );
  const raw = Object.fromEntries(own.map(([key, value]) => [key.replace("kjerne:", ""), value]));
  const { data, error } = schema.safeParse(raw, {
    error: (issue) => (issue.input === undefined ? "is missing" : undefined),
  });
  const problems = [...problemsOf(error, raw), ...crossChecks(raw)];
  if (!data || problems.length > 0) throw new SettingsError(file, problems);
  return data;
}
