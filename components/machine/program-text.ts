import { readFileSync } from "node:fs";
import { join } from "node:path";

const nodeConfig = join(__dirname, "../../node-config");

/**
 * A script below `node-config/` without the lines that are comments, but for the first: the state holds it twice for each
 * command. Not compressed, although that would be half as long: zlib gives other bytes on another processor, and then
 * every command would run again. In the place of a line `source FOLDER/FILE.sh` stand the functions of that script, which
 * no machine has.
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
