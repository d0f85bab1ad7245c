import { isOfPackage, outside } from "../machine/program-text";
import type { DialTarget } from "./dial";

/** A mistake in an input, told before anything happens. */
export interface Mistake {
  readonly property: string;
  readonly reason: string;
}

/** @param connection What a preview does not know yet is a text: the whole, or what is in it. */
export function mistakesIn(connection: DialTarget | string): Mistake[] {
  if (typeof connection === "string") return [];
  return (["connection", "connection.proxy"] as const).flatMap((property) => {
    const hop = property === "connection" ? connection : connection.proxy;
    const missing =
      hop && typeof hop !== "string" ? (["privateKey", "hostKey"] as const).filter((key) => !hop[key]) : [];
    return missing.map((key) => ({
      property: `${property}.${key}`,
      reason: "every machine is reached by a private key, and shows a key that is known: set both",
    }));
  });
}

/** What the state names by paths of the package, and the digest that the program took there. */
export interface Named {
  readonly property: string;
  readonly paths: readonly string[];
  readonly digest: string;
  /** The digest here. */
  readonly read: () => string;
}

/**
 * The provider may come from another package than the program, or from one that was changed meanwhile; and a state may name
 * any file of the machine that deploys.
 */
export function notAsMeant(named: readonly Named[]): Mistake[] {
  return named.flatMap(({ property, paths, digest, read }) => {
    const outsiders = paths.filter((path) => !isOfPackage(path));
    if (outsiders.length > 0) return outsiders.map((path) => ({ property, reason: outside(path) }));
    if (isRead(digest, read)) return [];
    const reason = `the program means another ${paths.join(" or ")} than its provider has; have \`plugins\` in Pulumi.yaml name the package that the program imports`;
    return [{ property, reason }];
  });
}

function isRead(digest: string, read: () => string): boolean {
  try {
    return read() === digest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
