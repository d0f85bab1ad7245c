import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";

const nodeConfig = join(__dirname, "../../node-config");

/** Whether a path below `node-config/` stays in the package. Others are read by nobody: a state may name any. */
export function isOfPackage(path: string): boolean {
  return !isAbsolute(path) && !relative(join(nodeConfig, ".."), join(nodeConfig, path)).startsWith("..");
}

/**
 * A script below `node-config/` without the lines that are comments, but for the first: with another comment it runs
 * nowhere again. In the place of a line `source FOLDER/FILE.sh` stand the functions of that script, which no machine has.
 */
export function textOf(path: string): string {
  return fileAt(path)
    .replace(/(?<=\n)[ \t]*#.*\n/g, "")
    .replace(/^source (\S+\.sh)\n/gm, (_, functions) => textOf(functions).replace(/^#!.*\nset .*\n/, ""));
}

/** Whether the package has it. */
export const isThere = (path: string): boolean => existsSync(placeOf(path));

/** A Python program below `node-config/`, shorter still: indented by one space instead of four. */
export function pythonOf(path: string): string {
  return textOf(path)
    .replace(/^#.*\n/, "")
    .replace(/^(?: {4})+/gm, (indent) => " ".repeat(indent.length / 4));
}

/**
 * A file below `node-config/` as it is.
 *
 * @throws Error for a path that leads out of the package: what is read here goes to machines
 */
export const fileAt = (path: string): string => readFileSync(placeOf(path), "utf8");

function placeOf(path: string): string {
  if (!isOfPackage(path)) throw new Error(outside(path));
  return join(nodeConfig, path);
}

export const outside = (path: string) =>
  `${path} is not in the package, whose files alone go to machines: give a path below its node-config/`;

/** Sixteen hexadecimal digits that change with any of these texts: what a state has in their place. */
export function digestOf(...texts: readonly string[]): string {
  const [first = "", ...others] = texts;
  const whole = others.length > 0 ? JSON.stringify(texts) : first;
  return createHash("sha256").update(whole).digest("hex").slice(0, 16);
}

let sources: ReadonlyMap<string, string> | undefined;

/** Where the package has a file with exactly this content, as a path below `node-config/`. */
export function sourceOf(content: string): string | undefined {
  sources ??= new Map(filesBelow().map((path) => [digestOf(fileAt(path)), path]));
  return sources.get(digestOf(content));
}

function filesBelow(): string[] {
  return readdirSync(nodeConfig, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(nodeConfig.length + 1))
    .sort();
}
