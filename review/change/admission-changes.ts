import type { Side } from "./checkout";
import { type Fields, fields, fieldsOf, word } from "./fields";
import { textAt } from "./git";

/**
 * Sentences about what API servers will judge less, or more, once a change of settings is applied: `kjerne:admission` of
 * every stack that both commits have.
 */
export async function admissionSentences(repository: string, start: Side, head: Side): Promise<string[]> {
  const changes = [...head.stacks].map(async ([stack, file]) => {
    const before = start.stacks.get(stack);
    if (!before) return [];
    return admissionChanges(
      stack,
      await textAt(repository, start.commit, before),
      await textAt(repository, head.commit, file),
    );
  });
  return (await Promise.all(changes)).flat();
}

/** @param base,head Text of the settings file. */
export function admissionChanges(stack: string, base: string | undefined, head: string | undefined): string[] {
  const [before, after] = [admissionIn(base), admissionIn(head)];
  return [
    ...(before.action === after.action
      ? []
      : [
          `At admission in stack ${stack}, what breaks a rule is ${done(after.action)} from now on; before, ${done(before.action)}.`,
        ]),
    ...after.exceptions
      .filter((one) => !before.exceptions.includes(one))
      .map((one) => `New exception at admission in stack ${stack}: ${one}`),
    ...before.exceptions
      .filter((one) => !after.exceptions.includes(one))
      .map((one) => `Gone at admission in stack ${stack}: ${one}`),
  ];
}

function admissionIn(text: string | undefined) {
  const { action, exceptions } = fieldsOf(fieldsOf(fields(text).config)["kjerne:admission"]);
  return { action: word(action), exceptions: Array.isArray(exceptions) ? exceptions.map(fieldsOf).map(described) : [] };
}

const done = (action: string | undefined) =>
  action === "deny" ? "refused" : action === "warn" ? "taken with a warning" : "not looked for";

function described({ rule, kind, namespace, name, owner, justification, until }: Fields): string {
  const object = [kind, [namespace, name].filter(Boolean).join("/")].join(" ");
  return `${rule} is not enforced for ${object} until ${until}. ${owner} answers for it: ${justification}`;
}
