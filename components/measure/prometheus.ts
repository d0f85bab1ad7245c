import { exposition, type Gauge } from "../verify/prometheus";
import { figures } from "./figures";
import { rules } from "./rules";
import type { Report } from "./schema";

/** The report as Prometheus reads it. */
export function prometheus({ stack, time, measured, bottleneck }: Report): string {
  const gauge = (metric: string, help: string, labels: Gauge["labels"], value: number) => ({
    ...{ metric: `kjerne_report_${metric}`, help, labels, value },
  });
  const state = (rule: string) => {
    if (bottleneck.unanswered.some((one) => one.rule === rule)) return Number.NaN;
    return bottleneck.named.some((one) => one.rule === rule) ? 1 : 0;
  };
  const all = [
    gauge("time_seconds", "When the report was begun, in seconds since 1970", {}, Date.parse(time) / 1000),
    ...rules.map(({ id, title }) =>
      gauge("bottleneck", "Whether the rule was named as a cause; NaN: not answered", { rule: id, title }, state(id)),
    ),
    ...figures(measured),
  ];
  return exposition(stack, all);
}
