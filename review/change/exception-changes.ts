import { type Exception, parseExceptions } from "../../policies/exceptions";

/**
 * A sentence for each exception that a change adds or removes; one that it edits has both.
 *
 * @param base,head Text of the file of exceptions. Undefined where there is none.
 */
export function exceptionChanges(base: string | undefined, head: string | undefined): string[] {
  const [before, after] = [exceptionsIn(base), exceptionsIn(head)];
  return [
    ...after
      .filter((one) => !before.some((other) => same(one, other)))
      .map((one) => `New exception: ${described(one)}`),
    ...before.filter((one) => !after.some((other) => same(one, other))).map((one) => `Gone: ${described(one)}`),
  ];
}

/** None if the text can't be read: the packs report what is wrong with it. */
function exceptionsIn(text = ""): readonly Exception[] {
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
