/** One signed apt repository. */
export interface PackageSource {
  /** Where it is, such as `https://mirror.example.no/apt`. */
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** The ASCII-armoured public key that signs it; nothing else is trusted. */
  readonly publicKey: string;
}

/** The sources as apt's deb822 file, each with its own key inside: see sources.list(5). */
export function aptSources(sources: readonly PackageSource[]): string {
  return sources.map(stanza).join("\n");
}

function stanza({ uri, suite, components, publicKey }: PackageSource): string {
  // In a multi-line field every line is indented and an empty one is a dot.
  const key = publicKey
    .trim()
    .split("\n")
    .map((line) => ` ${line.trim() || "."}`);
  return [
    "Types: deb",
    `URIs: ${uri}`,
    `Suites: ${suite}`,
    // A flat repository names a path that ends in a slash and has no components.
    ...(suite.endsWith("/") ? [] : [`Components: ${components.join(" ")}`]),
    "Signed-By:",
    ...key,
    "",
  ].join("\n");
}
