import type { Readable } from "node:stream";

/** Hands each line of a stream on as it comes, the last one even where it does not end. */
export function eachLine(stream: Readable, use: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8").on("data", (text: string) => {
    const lines = `${rest}${text}`.split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(use);
  });
  stream.on("end", () => {
    if (rest) use(rest);
  });
}
