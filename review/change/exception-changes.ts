import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Exception, parseExceptions } from "../../policies/exceptions";

/** A sentence for each exception that a change adds or removes; one that it edits has both. */
export async function exceptionChanges(base: string, head: string): Promise<string[]> {
  const [before, after] = [await exceptionsOf(base), await exceptionsOf(head)];
  return [
    ...after
      .filter((one) => !before.some((other) => same(one, other)))
      .map((one) => `New exception: ${described(one)}`),
    ...before.filter((one) => !after.some((other) => same(one, other))).map((one) => `Gone: ${described(one)}`),
  ];
}

/** The exceptions of a checkout. None if the file can't be read: the packs report what is wrong with it. */
async function exceptionsOf(directory: string): Promise<readonly Exception[]> {
  const file = join(directory, "policies/exceptions.yaml");
  if (!existsSync(file)) return [];
  const text = await readFile(file, "utf8");
  try {
    return parseExceptions(text);
  } catch {
    return [];
  }
}

const same = (one: Exception, other: Exception) => described(one) === described(other);

function described({ rule, stack, resource, field, owner, justification, until }: Exception): string {
  const where = [resource, field].filter(Boolean).join(", ");
  return `${rule} does not hold for ${where} in stack ${stack} until ${until}. ${owner} answers for it: ${justification}`;
}
