import { goalText, type Ratio, type Result } from "./result";

/** A result for the terminal. */
export function printed({ title, ratios, nullControls, rounds, seconds }: Result): string {
  const width = Math.max(...[...ratios, ...nullControls].map(({ name }) => name.length));
  const row = (name: string, ...rest: string[]) => `  ${[name.padEnd(width), ...rest].join("  ").trimEnd()}`;
  return [
    title,
    ...ratios.flatMap((ratio) => [
      row(ratio.name, valueText(ratio.value).padStart(8), intervalText(ratio), verdictText(ratio)),
      ...(ratio.note ? [row("", `(${ratio.note})`)] : []),
    ]),
    ...nullControls.map(({ name, value, within, held }) =>
      row(name, valueText(value).padStart(8), `null control, ${held ? "held" : "NOT HELD"}: ${within.join(" to ")}`),
    ),
    `  rounds: ${rounds.kept} kept, ${rounds.discarded} discarded (${rounds.why}); ${seconds.toFixed(0)} s`,
    "",
  ].join("\n");
}

/** `1.014` for a ratio, `13,808` for a count. */
export function valueText(value: number): string {
  return Number.isInteger(value) && value !== 1 ? value.toLocaleString("en") : value.toFixed(3);
}

/** `[1.01, 1.03]`, or that it was counted. */
export function intervalText({ interval }: Ratio): string {
  return interval ? `[${interval.low.toFixed(3)}, ${interval.high.toFixed(3)}]` : "counted";
}

/** `goal ≤ 1.05: met`. */
export function verdictText({ goal, verdict }: Ratio): string {
  return goal ? `goal ${goalText(goal)}: ${verdict}` : "no goal, told as it is";
}
