import type { DialTarget } from "./dial";

/** A mistake in an input, told before anything happens. */
export interface Mistake {
  readonly property: string;
  readonly reason: string;
}

/** @param connection What a preview does not know yet is a text, or a property that is one. */
export function mistakesIn(connection: DialTarget | string): Mistake[] {
  if (typeof connection === "string") return [];
  return (["connection", "connection.proxy"] as const).flatMap((property) => {
    const hop = property === "connection" ? connection : connection.proxy;
    const missing = hop ? (["privateKey", "hostKey"] as const).filter((key) => !hop[key]) : [];
    return missing.map((key) => ({
      property: `${property}.${key}`,
      reason: "every machine is reached by a private key, and shows a key that is known: set both",
    }));
  });
}

/** What the state names by a path of the package, and the digest that the program took there. */
export interface Named {
  readonly property: string;
  readonly path: string;
  readonly digest: string;
  /** The digest here. */
  readonly read: () => string;
}

/** The provider may come from another package than the program, or from one that was changed meanwhile. */
export function notAsMeant(named: readonly Named[]): Mistake[] {
  return named.filter(isOther).map(({ property, path }) => ({
    property,
    reason: `the program means another ${path} than its provider has; have \`plugins\` in Pulumi.yaml name the package that the program imports`,
  }));
}

function isOther({ digest, read }: Named): boolean {
  try {
    return read() !== digest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw error;
  }
}
