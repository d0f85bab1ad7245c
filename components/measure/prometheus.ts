import { type Figure, figures } from "./figures";
import { rules } from "./rules";
import type { Report } from "./schema";

/**
 * The report as Prometheus reads it, also from a file for the node exporter.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheus({ stack, time, measured, bottleneck }: Report): string {
  const gauge = (metric: string, help: string, labels: Figure["labels"], value: number) => ({
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
  const metrics = [...new Set(all.map(({ metric }) => metric))];
  return metrics
    .flatMap((metric) => {
      const own = all.filter((one) => one.metric === metric);
      const samples = own.map(({ labels, value }) => `${metric}{${written({ stack, ...labels })}} ${value}`);
      return [`# HELP ${metric} ${own[0]?.help}`, `# TYPE ${metric} gauge`, ...samples];
    })
    .concat("")
    .join("\n");
}

function written(labels: Figure["labels"]): string {
  const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");
}
