/** One signed apt repository. */
export interface PackageSource {
  /** Where it is, such as `https://mirror.example.no/apt`. */
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** The ASCII-armoured public key of its signature. apt trusts no other key for this repository. */
  readonly publicKey: string;
}

/** A file for /etc/apt/sources.list.d in deb822 format, which holds each repository's key: see sources.list(5). */
export function aptSources(sources: readonly PackageSource[]): string {
  return sources.map(stanza).join("\n");
}

function stanza({ uri, suite, components, publicKey }: PackageSource): string {
  // deb822 demands that each line of a multi-line field is indented, and that an empty one is a dot.
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
