import { parse } from "yaml";
import { crossChecks } from "../components/cluster/cross-checks";
import { problemsOf } from "../node-config/values/rule";
import { backupCredentials } from "./backup-credentials";
import { bgpPasswords } from "./bgp-passwords";
import { type Settings, schema } from "./schema";
import { readSettings, SettingsError } from "./settings";

/**
 * The settings in the text of one environment's file, judged as far as that can be without the files and secrets that they
 * name. Throws a SettingsError that lists all problems.
 */
export function settingsIn(text: string, file: string): Settings {
  const raw = rawIn(text);
  const { data, error } = schema.safeParse(raw, {
    error: (issue) => (issue.input === undefined ? "is missing" : undefined),
  });
  const problems = [...problemsOf(error, raw), ...crossChecks(raw)];
  if (!data || problems.length > 0) throw new SettingsError(file, problems);
  return data;
}

/**
 * Refuses settings that `pulumi up` would refuse, with the files that they name. The index may be missing: `make lock`
 * writes it by these very settings.
 *
 * @throws SettingsError with all problems
 */
export async function refuseWrong(text: string, file: string): Promise<void> {
  try {
    await readSettings(rawIn(text), file, { passwords: {} });
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const problems = error.problems.filter((one) => !/^supply\.index \(.*\): there is no such file/.test(one));
    if (problems.length > 0) throw new SettingsError(file, problems);
  }
}

function rawIn(text: string): Readonly<Record<string, unknown>> {
  const { config = {} } = (parse(text) ?? {}) as { config?: Readonly<Record<string, unknown>> };
  const secrets = [bgpPasswords, backupCredentials].map((name) => `kjerne:${name}`);
  const own = Object.entries(config).filter(([key]) => key.startsWith("kjerne:") && !secrets.includes(key));
  return Object.fromEntries(own.map(([key, value]) => [key.replace("kjerne:", ""), value]));
}
