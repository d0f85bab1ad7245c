import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const nodeConfig = join(__dirname, "../../node-config");

/**
 * A script below `node-config/` without the lines that are comments, but for the first: with another comment it runs
 * nowhere again. In the place of a line `source FOLDER/FILE.sh` stand the functions of that script, which no machine has.
 */
export function textOf(path: string): string {
  return readFileSync(join(nodeConfig, path), "utf8")
    .replace(/(?<=\n)[ \t]*#.*\n/g, "")
    .replace(/^source (\S+\.sh)\n/gm, (_, functions) => textOf(functions).replace(/^#!.*\nset .*\n/, ""));
}

/** A Python program below `node-config/`, shorter still: indented by one space instead of four. */
export function pythonOf(path: string): string {
  return textOf(path)
    .replace(/^#.*\n/, "")
    .replace(/^(?: {4})+/gm, (indent) => " ".repeat(indent.length / 4));
}

/** A file below `node-config/` as it is. */
export function fileAt(path: string): string {
  return readFileSync(join(nodeConfig, path), "utf8");
}

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
