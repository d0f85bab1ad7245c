/** A certificate of the node, in a file of its own or in a kubeconfig. */
export interface Certificate {
  readonly path: string;
  readonly daysLeft: number;
}

/** The node's clock, then a line for each certificate: `PATH notAfter=TIME`. */
export function certificates(text: string): Certificate[] {
  const [clock = "", ...lines] = text.trim().split("\n");
  const now = milliseconds(clock);
  return lines.map((line) => {
    const [path = "", end = ""] = line.split(" notAfter=");
    return { path, daysLeft: Math.floor((milliseconds(end) - now) / 86_400_000) };
  });
}

function milliseconds(time: string): number {
  const parsed = Date.parse(time);
  if (Number.isNaN(parsed)) throw new Error(`not a time: ${time}`);
  return parsed;
}
