import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { insideNode } from "../../tools/lab/native/node-processes";

/** What an operator would find on a machine. */
export async function describeMachine(lab: string, name: string): Promise<string> {
  return insideNode(lab, name, "bash", "-c", await readFile(join(__dirname, "as-found.sh"), "utf8"));
}

/** Lines that only one of the two has. */
export function changes(before: string, after: string): string[] {
  const [lines, others] = [before, after].map((text) => new Set(text.split("\n"))) as [Set<string>, Set<string>];
  return [
    ...[...lines].filter((line) => !others.has(line)).map((line) => `gone: ${line}`),
    ...[...others].filter((line) => !lines.has(line)).map((line) => `new: ${line}`),
  ];
}
