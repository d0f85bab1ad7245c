import type { Report } from "./report";

/** One sample of Prometheus, and what its metric means. */
export interface Gauge {
  readonly metric: string;
  readonly help: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Gauges as Prometheus reads them, also from a file for the node exporter. Each has the label `stack`.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function exposition(stack: string, all: readonly Gauge[]): string {
  const metrics = [...new Set(all.map(({ metric }) => metric))];
  return metrics
    .flatMap((metric) => {
      const own = all.filter((one) => one.metric === metric);
      const samples = own.map(({ labels, value }) => `${metric}{${matching({ stack, ...labels })}} ${value}`);
      return [`# HELP ${metric} ${own[0]?.help}`, `# TYPE ${metric} gauge`, ...samples];
    })
    .concat("")
    .join("\n");
}

/** What a verification saw, for Prometheus. */
export function verificationMetrics(stack: string, { time, passed, checks, warnings }: Report): string {
  const gauge = (metric: string, help: string, labels: Gauge["labels"], value: number) => ({
    ...{ metric: `kjerne_${metric}`, help, labels, value },
  });
  return exposition(stack, [
    gauge("verification_time_seconds", "When the last reading was taken, since 1970", {}, Date.parse(time) / 1000),
    gauge("verification_passed", "Whether every check passed", {}, Number(passed)),
    ...checks.map(({ id: check, node, passed }) =>
      gauge(
        "check_passed",
        "Whether the check passed; what could not be read has not",
        { check, node },
        Number(passed),
      ),
    ),
    ...warnings.map(({ id: warning, node }) =>
      gauge("warning", "Something that others have to mend, or did on purpose", { warning, node }, 1),
    ),
  ]);
}

/**
 * Alerting rules for Prometheus, one for each check that the report holds, and one for a verification that no longer runs.
 * https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/
 *
 * @param everyMinutes How often the verification runs.
 */
export function alertRules(stack: string, { checks }: Report, everyMinutes: number): object {
  const first = [...new Map([...checks].reverse().map((check) => [check.id, check])).values()].reverse();
  return {
    groups: [
      {
        name: `kjerne ${stack}`,
        rules: [
          ...first.map(({ id, title, node, next, here }) => ({
            alert: `Kjerne${words(id)}`,
            expr: `kjerne_check_passed{${matching({ stack, check: id })}} == 0`,
            labels: { severity: "critical" },
            annotations: {
              summary: `{{ $labels.node }} of ${stack}: ${title}`,
              next: here ? next : `on ${node === "cluster" ? "a control plane" : "{{ $labels.node }}"}: ${next}`,
            },
          })),
          {
            alert: "KjerneNotVerified",
            // Twice missed, and not the one that takes its time.
            expr: `time() - kjerne_verification_time_seconds{${matching({ stack })}} > ${3 * everyMinutes * 60} or absent(kjerne_verification_time_seconds{${matching({ stack })}})`,
            for: "5m",
            labels: { severity: "critical" },
            annotations: {
              summary: `nobody has verified ${stack} for ${3 * everyMinutes} minutes`,
              next: `make verify STACK=${stack}`,
            },
          },
        ],
      },
    ],
  };
}

function words(id: string): string {
  return id
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

function matching(labels: Gauge["labels"]): string {
  const escaped = (text: string) => text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",");
}
