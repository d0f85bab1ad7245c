/**
 * Flags of `pulumi up` and `preview` that leave every resource of the stack judged, by their names, each with whether the
 * engine's parser takes the next word for its value. Any other flag is refused: one that this list does not know could
 * leave something out. A test holds the list against what the engine itself says about its flags.
 */
export const allowedFlags: Readonly<Record<string, "alone" | "value">> = {
  color: "value",
  "continue-on-error": "alone",
  debug: "alone",
  diff: "alone",
  emoji: "alone",
  "expect-no-changes": "alone",
  json: "alone",
  message: "value",
  "non-interactive": "alone",
  parallel: "value",
  // Takes a value only behind `=`, like every flag with one that it can do without.
  refresh: "alone",
  replace: "value",
  "show-full-output": "alone",
  "show-policy-remediations": "alone",
  "show-reads": "alone",
  "show-replacement-steps": "alone",
  "show-sames": "alone",
  "skip-plugin-pre-install": "alone",
  "suppress-outputs": "alone",
  "suppress-permalink": "alone",
  "suppress-progress": "alone",
  urns: "alone",
  verbose: "value",
  yes: "alone",
};

/** Short forms of flags above. They stand alone: joined ones are refused. */
export const shortFlags: Readonly<Record<string, string>> = {
  "-d": "debug",
  "-e": "emoji",
  "-j": "json",
  "-m": "message",
  "-p": "parallel",
  "-r": "refresh",
  "-v": "verbose",
  "-y": "yes",
};

/** Why some well-known flags are refused. */
const reasons: Readonly<Record<string, string>> = {
  stack: "name the stack as STACK=; all that is judged is looked up for that one",
  target: "resources outside the target are judged by what they were, not by what they would be",
  exclude: "excluded resources are judged by what they were, not by what they would be",
  "skip-preview": "rules that compare resources speak at a preview's end, before anything is sent; --yes asks nobody",
  "policy-pack": "the packs are passed already; edit policies/ to change them",
  "config-file": "rules and checks read the stack's own settings file",
  cwd: "another directory has another program and other settings",
};

/** A sentence for each word that is no flag which leaves all judged. */
export function refusedFlags(words: readonly string[]): string[] {
  const refused: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const [given = "", ...value] = (words[at] as string).split("=");
    const name = shortFlags[given] ?? (given.startsWith("--") ? given.slice(2) : "");
    const form = Object.hasOwn(allowedFlags, name) ? allowedFlags[name] : undefined;
    if (form === undefined) refused.push(refusal(given));
    else if (form === "value" && value.length === 0) at++;
  }
  return refused;
}

/** A sentence for each variable by which the engine would take a flag that is refused as a word. */
export function refusedVariables(env: NodeJS.ProcessEnv): string[] {
  // Every command here reads the settings file that this one names.
  const known = ["config-file", ...Object.keys(allowedFlags)];
  return Object.entries(env).flatMap(([variable, value]) => {
    const [, option] = /^PULUMI_OPTION_(.+)$/.exec(variable) ?? [];
    const name = option?.toLowerCase().replaceAll("_", "-");
    return name === undefined || value === undefined || known.includes(name) ? [] : [refusal(variable, name)];
  });
}

function refusal(given: string, name = given.replace(/^-+/, "")): string {
  const known = Object.keys(reasons).find((one) => name === one || name.startsWith(`${one}-`));
  const why = known ? reasons[known] : "it is not among those that are known to leave every resource judged";
  return `${given} is refused: ${why}`;
}
