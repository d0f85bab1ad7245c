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

/**
 * Where the engine runs the program for a refresh or a destroy, it makes what a remote.Command of 0.1.0 kept a resource of
 * kjerne's by its aliases, but leaves the inputs as they were. This version's `delete` would find nothing there to undo.
 *
 * @throws Error where the state still has such inputs
 */
export function expectOwnInputs(name: string, props: object): void {
  if (!("delete" in props)) return;
  throw new Error(
    `${name} has in the state what 0.1.0 undoes it by, and this version would not: bring it up to this version first, by \`pulumi up\` with the program and settings that still have it, and delete it then`,
  );
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
