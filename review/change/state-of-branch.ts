import { samePlace } from "../runs/state-in-use";
import type { Side } from "./checkout";
import type { Violation } from "./events";
import { fields, fieldsOf, word } from "./fields";
import { textAt } from "./git";

/** Where the files of a commit say that the engine keeps a stack's state and encrypts its secrets. */
interface Kept {
  /** `backend.url` of Pulumi.yaml. Undefined: where the user is logged in to. */
  readonly backend?: string;
  /** What the settings file encrypts secrets with. Undefined: it says nothing. */
  readonly secretsProvider?: string;
  readonly encryptedKey?: string;
  readonly declared: { readonly backend?: string; readonly secretsProvider?: string };
}

/** What a change does to a stack's own state and its key: as sentences, and what the declaration does not allow. */
export interface StateDifferences {
  readonly facts: readonly string[];
  readonly violations: readonly Violation[];
}

/**
 * A preview uses neither the backend nor the key, and rules judge what `kjerne:residency.state` declares. So the files
 * themselves are compared with it, and with what they were.
 */
export async function stateDifferences(
  repository: string,
  stack: string,
  start: Side,
  head: Side,
): Promise<StateDifferences> {
  const [before, after] = [await kept(repository, stack, start), await kept(repository, stack, head)];
  if (!after) return { facts: [], violations: [] };
  return { facts: moves(before ?? { declared: {} }, after), violations: undeclared(stack, after) };
}

async function kept(repository: string, stack: string, { commit, stacks }: Side): Promise<Kept | undefined> {
  const file = stacks.get(stack);
  if (!file) return undefined;
  const settings = fields(await textAt(repository, commit, file));
  const { backend } = fields(await textAt(repository, commit, "Pulumi.yaml"));
  const { config, secretsprovider, encryptedkey, encryptionsalt } = settings;
  const state = fieldsOf(fieldsOf(fieldsOf(config)["kjerne:residency"]).state);
  return {
    backend: word(typeof backend === "string" ? backend : fieldsOf(backend).url),
    secretsProvider:
      word(secretsprovider) ??
      (encryptionsalt ? "passphrase" : encryptedkey ? "a key that it does not name" : undefined),
    encryptedKey: word(encryptedkey),
    declared: { backend: word(state.backend), secretsProvider: word(state.secretsProvider) },
  };
}

function moves(before: Kept, after: Kept): string[] {
  const say = (what: string, old: string | undefined, now: string | undefined, none: string) =>
    old === now
      ? []
      : [`${what}: from now on ${now ? withoutSecrets(now) : none}, before ${old ? withoutSecrets(old) : none}.`];
  return [
    ...say("The stack's state lies in the backend that Pulumi.yaml names", before.backend, after.backend, "none"),
    ...say(
      "The stack's secrets are encrypted with",
      before.secretsProvider,
      after.secretsProvider,
      "what the backend chooses",
    ),
    ...(before.encryptedKey === after.encryptedKey
      ? []
      : ["The key that encrypts the stack's secrets is another one (encryptedkey)."]),
  ];
}

function undeclared(stack: string, { backend, secretsProvider, declared }: Kept): Violation[] {
  const violation = (where: string, is: string | undefined, allowed: string | undefined): Violation[] => {
    if (is === undefined || (allowed !== undefined && samePlace(is, allowed))) return [];
    const message = [
      "POL-02 State and key are kept where kjerne:residency.state says",
      `${where}: is ${withoutSecrets(is)}, not allowed; allowed: ${allowed ? withoutSecrets(allowed) : "what kjerne:residency.state declares, which is nothing yet"}.`,
      "Why: The rules judge what is declared; the engine uses what these files say.",
    ].join("\n");
    const urn = `urn:pulumi:${stack}::kjerne::pulumi:pulumi:Stack::kjerne-${stack}`;
    return [{ pack: "", policy: "declared-state", urn, message, mandatory: true }];
  };
  return [
    ...violation("Pulumi.yaml, backend", backend, declared.backend),
    ...violation(`stacks/Pulumi.${stack}.yaml, secretsprovider`, secretsProvider, declared.secretsProvider),
  ];
}

/** An address without a password in it. */
const withoutSecrets = (address: string) => address.replace(/\/\/[^@/]*@/, "//…@");
