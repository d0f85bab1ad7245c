import type { Readable } from "node:stream";

/** What a program may print: scripts print less, and a machine that somebody else has may print without end. */
export const most = { characters: 16 * 1024 * 1024, lines: 100_000 };

/**
 * Hands each line of a stream on as it comes, the last one even where it does not end.
 *
 * @param flooded Called once, when more comes than may; then nothing else is read.
 */
export function eachLine(stream: Readable, flooded: () => void, use: (line: string) => void): void {
  let rest = "";
  let left = { ...most };
  stream.setEncoding("utf8").on("data", (text: string) => {
    const lines = `${rest}${text}`.split("\n");
    left = { characters: left.characters - text.length, lines: left.lines - lines.length + 1 };
    if (Math.min(left.characters, left.lines) < 0) {
      stream.destroy();
      return flooded();
    }
    rest = lines.pop() ?? "";
    lines.forEach(use);
  });
  stream.on("end", () => {
    if (rest) use(rest);
  });
}
