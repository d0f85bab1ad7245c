/** Runs a command of `pulumi`. @returns stdout @throws Error with what it printed, if it fails */
export type Ask = (args: readonly string[]) => Promise<string>;

/** Where a stack's state lies, and what encrypts the secrets in it. */
interface State {
  /** As `pulumi login` takes it. */
  readonly backend: string;
  /** `passphrase`, or an address such as `hashivault://key`. */
  readonly secretsProvider: string;
}

/**
 * Compares what `kjerne:residency` declares about the state, which rules judge, with what the engine really uses.
 *
 * @throws Error about each difference, or if one of the two can't be read
 */
export async function expectDeclaredState(ask: Ask, stack: string): Promise<void> {
  const used = await stateInUse(ask, stack);
  const declared = JSON.parse(
    await ask(["config", "get", "--path", "kjerne:residency.state", "--stack", stack]),
  ) as Partial<State>;
  const wrong = differences(declared, used);
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
}

async function stateInUse(ask: Ask, stack: string): Promise<State> {
  const { url = "" } = JSON.parse(await ask(["whoami", "--json"])) as { url?: string };
  const { deployment } = JSON.parse(await ask(["stack", "export", "--stack", stack])) as {
    deployment: { secrets_providers?: { type: string; state?: { url?: string } } };
  };
  const { type, state } = deployment.secrets_providers ?? {};
  return { backend: url, secretsProvider: (type === "cloud" ? state?.url : type) ?? "" };
}

/** A sentence for each difference. A value that is not known differs from every other. */
export function differences(declared: Partial<State>, used: State): string[] {
  const where = "kjerne:residency, state";
  const backend =
    !used.backend || address(declared.backend) !== address(used.backend)
      ? `${where}.backend says ${declared.backend}, and pulumi is logged in to ${used.backend || "nobody knows what"}. Log in to what is declared, or declare what is used.`
      : "";
  const provider =
    !used.secretsProvider || address(declared.secretsProvider) !== address(used.secretsProvider)
      ? `${where}.secretsProvider says ${declared.secretsProvider}, and the state is encrypted with ${used.secretsProvider || "nobody knows what"}. Change it with pulumi stack change-secrets-provider, or declare what is used.`
      : "";
  return [backend, provider].filter(Boolean);
}

/** Whether two addresses are of one place. */
export const samePlace = (one: string, other: string): boolean => address(one) === address(other);

/**
 * An address without its parts that don't say where it is: a region, a flag. All directories of this machine are one
 * place.
 */
function address(text = ""): string {
  if (!URL.canParse(text)) return text;
  const { protocol, host, pathname, searchParams } = new URL(text);
  if (protocol === "file:") return protocol;
  const endpoint = searchParams.get("endpoint") ?? "";
  return [protocol, host, pathname.replace(/\/$/, ""), endpoint.replace(/^https?:\/\/|\/$/g, "")].join(" ");
}
