import * as pulumi from "@pulumi/pulumi";
import { crossCheck } from "../components/cluster/cross-check";
import { crossChecks } from "../components/cluster/cross-checks";
import { Refusal } from "../components/refusal/refusal";
import { allowProblems } from "../components/security/allow-rules";
import { samePolicies } from "../components/security/default-deny";
import { missingHalves, openingsOf } from "../components/security/openings";
import type { StoreCredentials } from "../node-config/backup";
import { twiceDenied } from "../node-config/values/denied-namespaces";
import { problemsOf } from "../node-config/values/rule";
import { backupCredentials, configuredCredentials, credentialProblems } from "./backup-credentials";
import { bgpPasswords, configuredPasswords, passwordProblems } from "./bgp-passwords";
import { deniedNamespace } from "./cluster-args";
import { type NamedFiles, readNamedFiles } from "./named-files";
import { type Settings, schema } from "./schema";

export type { Settings } from "./schema";

/** Everything that is wrong with one environment's settings, at once. */
export class SettingsError extends Refusal {
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

/** What a stack's configuration has beside the settings. */
export interface Secrets {
  /** Passwords of routers, by router. They are judged and never printed. */
  readonly passwords: Readonly<Record<string, string>>;
  /** Of the store of backups. They are judged and never printed. @default - none */
  readonly credentials?: Partial<StoreCredentials>;
  /** Settings that are secrets in the stack's configuration, without the prefix. @default - none */
  readonly secretKeys?: readonly string[];
}

/**
 * Checks settings, reads the files that they name and fills in the defaults. Throws a SettingsError that lists all
 * problems: keys and values, settings that contradict each other, files that can't be read, passwords that are missing.
 *
 * @param raw The stack's settings without the prefix `kjerne:` and without secrets.
 * @param file Name of the file that they are in, for messages.
 */
export async function readSettings(
  raw: Readonly<Record<string, unknown>>,
  file: string,
  { passwords, credentials = {}, secretKeys = [] }: Secrets,
): Promise<ReadSettings> {
  const settings = schema.safeParse(raw, { error: (issue) => (issue.input === undefined ? "is missing" : undefined) });
  const { problems: ofFiles, files } = await readNamedFiles(raw);
  const problems = [
    ...secretKeys.map(notSecret),
    ...problemsOf(settings.error, raw).filter((problem) => !secretKeys.includes(problem.split(":")[0] ?? "")),
    ...crossChecks(raw),
    ...deniedTwice(raw),
    ...ofFiles,
    ...passwordProblems(raw, passwords),
    ...credentialProblems(raw, credentials),
  ];
  if (!settings.success || !files || problems.length > 0) throw new SettingsError(file, problems);
  return { settings: settings.data, files };
}

/** The settings of the stack that is being deployed. */
export async function loadSettings(): Promise<ReadSettings> {
  const prefix = `${pulumi.getProject()}:`;
  const given = Object.entries(pulumi.runtime.allConfig())
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, text]) => [key.slice(prefix.length), text] as const)
    .filter(([key]) => key !== bgpPasswords && key !== backupCredentials);
  // The SDK keeps these to itself; the engine gives them to the program beside the values.
  const secrets: string[] = JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS || "[]");
  const isSecret = (key: string) => secrets.includes(prefix + key);
  const raw = given.filter(([key]) => !isSecret(key)).map(([key, text]) => [key, value(text)] as const);
  const file = `stacks/Pulumi.${pulumi.getStack()}.yaml`;
  const secretKeys = given.map(([key]) => key).filter(isSecret);
  return readSettings(Object.fromEntries(raw), file, {
    passwords: configuredPasswords(),
    credentials: configuredCredentials(),
    secretKeys,
  });
}

/** The engine passes lists, objects and booleans as JSON, and strings as they are. */
function value(text: string): unknown {
  if (!/^([[{]|(true|false)$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A secret in one value makes the whole key secret, and nodes, previews and the state would have it in clear. */
function notSecret(key: string): string {
  return `${key}: is a secret in the stack's configuration, or has one in it, which previews and the state would show in clear; write it without \`--secret\`, and without a user, a password or a token: let servers know machines by their addresses`;
}

/** Two policies of one name have it wherever the API servers are. */
const api = { addresses: ["192.0.2.1"], port: 6443 };

/** Policies are found here that would have one name; namespaces, too. */
function deniedTwice(raw: unknown): readonly string[] {
  const { defaultDeny, otherNamespaces } = schema.shape;
  return [
    ...crossCheck({ defaultDeny }, ({ defaultDeny: entries }) => {
      const all = entries.map(deniedNamespace);
      return [
        ...twiceDenied(all.map(({ name }) => name)),
        ...all.flatMap(({ name, allow }, at) => [
          ...allow
            .flatMap((one) => allowProblems(one, [name]))
            .map((problem) => `defaultDeny[${at}].allow: ${problem}`),
          ...samePolicies({ namespaces: [name], allow: openingsOf(name, all), api }).map(
            (problem) => `defaultDeny[${at}].${problem}`,
          ),
        ]),
      ];
    })(raw),
    ...crossCheck({ defaultDeny, otherNamespaces }, ({ defaultDeny: entries, otherNamespaces: others }) =>
      others === "closed" ? missingHalves(entries.map(deniedNamespace)) : [],
    )(raw),
  ];
}
