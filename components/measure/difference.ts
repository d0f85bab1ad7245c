import { type Figure, figures } from "./figures";
import { rules } from "./rules";
import type { Report } from "./schema";
import { rounded } from "./statistics";

/** Smaller changes are what two runs differ by when nothing was done. */
const worthTelling = 0.2;

/** What became different since the last report of the stack; numbers that both have and that moved by a fifth. */
export function difference(
  before: Report,
  now: Pick<Report, "measured" | "bottleneck">,
): NonNullable<Report["difference"]> {
  const old = new Map(figures(before.measured).map((figure) => [keyOf(figure), figure]));
  const changes = figures(now.measured).flatMap((figure) => {
    const was = old.get(keyOf(figure));
    return was && moved(was, figure) ? [{ was, figure }] : [];
  });
  const ids = (report: Pick<Report, "bottleneck">) => report.bottleneck.named.map(({ rule }) => rule);
  const titled = (some: readonly string[]) => rules.filter(({ id }) => some.includes(id)).map(({ title }) => title);
  return {
    since: before.time,
    begun: titled(ids(now).filter((id) => !ids(before).includes(id))),
    ended: titled(ids(before).filter((id) => !ids(now).includes(id))),
    changes: changes.map(({ was, figure: { help, labels, unit, scale, value } }) => ({
      what: help,
      where: Object.values(labels).join(", "),
      unit,
      before: rounded(was.value * scale),
      now: rounded(value * scale),
    })),
  };
}

function keyOf({ metric, labels }: Figure): string {
  return JSON.stringify([metric, labels]);
}

function moved(was: Figure, now: Figure): boolean {
  return Math.abs(now.value - was.value) > worthTelling * Math.max(Math.abs(was.value), Math.abs(now.value));
}
