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

/**
 * A sentence for each exception that allows nothing, because its rule or its stack does not exist. No pack judges these:
 * each judges the exceptions from its own rules, in the stack that runs.
 *
 * @param text Of the file of exceptions.
 */
export function voidExceptions(
  text: string | undefined,
  rules: readonly string[],
  stacks: readonly string[],
): string[] {
  return exceptionsIn(text).flatMap((exception) => {
    const { rule, stack } = exception;
    const missing = [
      ...(rules.includes(rule) ? [] : [`rule ${rule}`]),
      ...(stacks.includes(stack) ? [] : [`stack ${stack}`]),
    ];
    if (missing.length === 0) return [];
    return [
      `Allows nothing, since there is no ${missing.join(" and no ")}: the exception from ${rule} for ${exception.resource} in stack ${stack}. Correct or delete it.`,
    ];
  });
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
  return `${rule} is not enforced for ${where} in stack ${stack} until ${until}. ${owner} answers for it: ${justification}`;
}
