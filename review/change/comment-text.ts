/** A comment on GitHub holds 65,536 characters. What is left over is for other characters than these in UTF-8. */
const mostBytes = 60_000;
const mostPerSentence = 1200;

/**
 * Text of the change, which can be a stranger's, for a comment that a bot signs: nothing of it becomes a link, an image,
 * a mention, HTML or a formula. GitHub makes links and mentions of plain text after Markdown is done, so these are
 * broken by a character without width.
 */
export function escaped(text: string): string {
  const short = text.length > mostPerSentence ? `${text.slice(0, mostPerSentence)}… (${text.length} characters)` : text;
  return short
    .replace(/\s+/g, " ")
    .replace(/[\\`*_[\]|~!$<>#]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("\\<", "&lt;")
    .replaceAll("\\>", "&gt;")
    .replace(/[@#]|:(?=\/\/)|\bwww(?=\.)/g, "$&\u200b");
}

/** A code block around what a program printed; backticks in it don't end the block. */
export function fenced(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  return ["`".repeat(longest + 1), text.slice(0, 4000), "`".repeat(longest + 1)];
}

/** Lines that belong together, such as an entry of a list with what stands below it. */
export type Entry = readonly string[];

/** A part of a comment: a head, entries with the worst first, and an end. */
export interface Part {
  readonly head?: readonly string[];
  readonly entries?: readonly Entry[];
  readonly end?: readonly string[];
}

/**
 * Puts parts together, those first that must not be missed. Where a comment is full, entries are left out from the end
 * of a part, and a line says how many.
 */
export function comment(parts: readonly Part[]): string {
  const size = (lines: readonly string[]) => Buffer.byteLength(lines.join("\n")) + 1;
  const fixed = parts.map(({ head = [], end = [] }) => size([...head, ...end]) + 100);
  let left = mostBytes - fixed.reduce((a, b) => a + b, 0);
  const lines = parts.flatMap(({ head = [], entries = [], end = [] }) => {
    const kept: Entry[] = [];
    for (const entry of entries) {
      if (size(entry) > left) break;
      left -= size(entry);
      kept.push(entry);
    }
    const missing = entries.length - kept.length;
    const more =
      missing > 0
        ? ["", `**${missing} more are left out here**, since a comment has no room; review.json has all.`]
        : [];
    return [...head, ...kept.flat(), ...more, ...(entries.length > 0 ? [""] : []), ...end];
  });
  return lines.join("\n");
}
