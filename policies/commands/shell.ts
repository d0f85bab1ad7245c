/**
 * Words of shell commands, as POSIX says (Shell Command Language, 2.2 to 2.7): enough to see which programs a text calls and
 * with what. shell-quote was considered: it takes a line break for a blank and a comment for the rest of the text, so that it
 * can't tell where a command ends.
 */

/** One call of a program. */
export interface Call {
  /** Values that are set for this call alone: `A=1 run`. */
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  /** The program and its arguments without quotes; a variable stays as it is written: `$HOST`. */
  readonly words: readonly string[];
  /** Whether the output goes to a file. */
  readonly toFile: boolean;
}

const keywords = new Set("if then elif else fi for while until do done case esac in { } ! function time".split(" "));
const separators = /^(\n|;;|;|&&|\|\||\|&|\||&|\(|\))/;

/** Every call in a text, those inside `$(…)` and backquotes too. A here-document is data and calls nothing. */
export function callsIn(text: string): Call[] {
  const inner: string[] = [];
  const calls = tokens(withoutDocuments(text), inner).flatMap(callOf);
  return [...calls, ...inner.flatMap(callsIn)];
}

/** A text without the lines of its here-documents. */
function withoutDocuments(text: string): string {
  const kept: string[] = [];
  let ends: string[] = [];
  for (const line of text.replace(/\\\n/g, " ").split("\n")) {
    if (ends.length > 0) {
      if (line.replace(/^\t+/, "") === ends[0]) ends = ends.slice(1);
      continue;
    }
    kept.push(line);
    ends = [...line.matchAll(/(?<!<)<<-?\s*(["']?)(\w+)\1/g)].map(([, , end]) => end ?? "");
  }
  return kept.join("\n");
}

/** Splits a text into the words of its commands. */
function tokens(text: string, inner: string[]): string[][] {
  const commands: string[][] = [[]];
  let word: string | undefined;
  const end = () => {
    if (word !== undefined) commands.at(-1)?.push(word);
    word = undefined;
  };
  for (let i = 0; i < text.length; i++) {
    const rest = text.slice(i, i + 2);
    const c = text[i] as string;
    const separator = separators.exec(rest)?.[0];
    if (c === "'") {
      const close = closing(text, i + 1, "'");
      word = (word ?? "") + text.slice(i + 1, close);
      i = close;
    } else if (c === '"') {
      const close = closing(text, i + 1, '"');
      const quoted = text.slice(i + 1, close);
      for (const [, one, other] of quoted.matchAll(/\$\(([^()]*)\)|`([^`]*)`/g)) inner.push(one ?? other ?? "");
      word = (word ?? "") + quoted.replace(/\\(["\\$`])/g, "$1");
      i = close;
    } else if (rest === "$(" || c === "`") {
      const close = c === "`" ? closing(text, i + 1, "`") : matching(text, i + 2);
      inner.push(text.slice(c === "`" ? i + 1 : i + 2, close));
      word = `${word ?? ""}$(…)`;
      i = close;
    } else if (c === "#" && word === undefined) {
      while (i + 1 < text.length && text[i + 1] !== "\n") i++;
    } else if (c === "\\") word = (word ?? "") + (text[++i] ?? "");
    else if (/[ \t\r]/.test(c)) end();
    else if (separator && !(c === "&" && /[<>]$/.test(word ?? ""))) {
      end();
      commands.push([]);
      i += separator.length - 1;
    } else word = (word ?? "") + c;
  }
  end();
  return commands;
}

function closing(text: string, from: number, quote: string): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === "\\" && quote !== "'") i++;
    else if (text[i] === quote) return i;
  }
  return text.length;
}

function matching(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "(") depth++;
    if (text[i] === ")" && --depth === 0) return i;
  }
  return text.length;
}

function callOf(all: readonly string[]): Call[] {
  const words = [...all];
  while (words[0] !== undefined && keywords.has(words[0])) words.shift();
  const variables: { name: string; value: string }[] = [];
  for (let set = assignment(words[0]); set; set = assignment(words[0])) {
    variables.push(set);
    words.shift();
  }
  const toFile = words.some((word) => /^1?>>?(?!&)/.test(word) && !/^1?>>?\/dev\/(stdout|stderr|tty)/.test(word));
  const plain = words.filter((word, i) => !/^\d?[<>]/.test(word) && !/^\d?(<<?-?|>>?)$/.test(words[i - 1] ?? ""));
  return plain.length > 0 || variables.length > 0 ? [{ variables, words: plain, toFile }] : [];
}

function assignment(word: string | undefined): { name: string; value: string } | undefined {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word ?? "") ?? [];
  return name === undefined ? undefined : { name, value: value ?? "" };
}
