import { createInterface } from "node:readline/promises";
import { shellQuote } from "../../components/machine/shell";
import { type Answers, type Question, questions } from "./questions";

/** Asks somebody one line. */
export type Ask = (text: string) => Promise<string>;

/**
 * Every question with its answer: what was given, else what somebody types, else what is taken otherwise.
 *
 * @param given By variable.
 * @param ask @default - nobody is there to answer
 * @throws Error with everything that is missing, wrong or unknown, and how it is given
 */
export async function answersTo(given: Answers, ask?: Ask): Promise<Answers> {
  const known = [...questions.map(({ variable }) => variable), "STACK"];
  const problems = Object.keys(given)
    .filter((variable) => !known.includes(variable))
    .map((variable) => `${variable}: is no question; there are ${known.join(", ")}`);
  const answers: Record<string, string> = { ...given };
  for (const question of questions) {
    const { variable, otherwise, when = () => true } = question;
    if (!when(answers)) {
      if (given[variable]) problems.push(`${variable}: means nothing beside the other answers; leave it out`);
      continue;
    }
    if (given[variable] === undefined && ask) {
      answers[variable] = await askUntilValid(question, answers, ask);
      continue;
    }
    const fallback = otherwise?.(answers);
    answers[variable] = given[variable] ?? fallback ?? "";
    const problem = answers[variable] === fallback ? undefined : problemOf(question, answers[variable]);
    if (problem) problems.push(problem);
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return answers;
}

function problemOf({ variable, asks, isValid, form }: Question, answer: string): string | undefined {
  if (!isValid || isValid.test(answer.trim())) return undefined;
  const what = answer === "" ? "is missing" : `(${answer}) is not of that form`;
  return `${variable}: ${what}. ${asks}: ${variable}='${form}'`;
}

async function askUntilValid(question: Question, answers: Answers, ask: Ask): Promise<string> {
  const { asks, form, otherwise, because, isValid } = question;
  const fallback = otherwise?.(answers);
  const like = form ? `, such as ${form}` : "";
  const taken = fallback === undefined ? "" : `\n  Enter alone: ${fallback || "none"}, for ${because}`;
  for (;;) {
    const answer = (await ask(`${asks}${like}${taken}\n> `)).trim() || fallback;
    if (answer !== undefined && (answer === fallback || !isValid || isValid.test(answer))) return answer;
  }
}

/** Questions on the terminal of this process, or undefined where there is none. */
export function terminal(): { ask: Ask; close(): void } | undefined {
  if (!process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  return { ask: (text) => lines.question(text), close: () => lines.close() };
}

/** The command that asks nothing: each answer as a variable, in quotes for the shell and with `$` doubled for make. */
export function commandOf(answers: Answers): string {
  const words = Object.entries(answers).map(([name, value]) => {
    const isPlain = /^[\w@:/.~+=-]+$/.test(value);
    return `${name}=${isPlain ? value : shellQuote(value.replaceAll("$", "$$$$"))}`;
  });
  return `make new ${words.join(" ")}`;
}
