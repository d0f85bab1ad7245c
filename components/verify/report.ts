/** One check of the running system. What could not be read has failed. */
export interface Check {
  /** Stable name, such as `bgp-sessions`; the same on every node. */
  readonly id: string;
  /** The check as a sentence for people. */
  readonly title: string;
  /** Node that was looked at, or `cluster`. */
  readonly node: string;
  readonly wanted: string;
  readonly found: string;
  readonly passed: boolean;
  /** Command that shows more, to be run on `node`, or on a control plane for `cluster`. */
  readonly next: string;
  /** Whether `next` is to be run on the machine that verifies instead. @default false */
  readonly here?: boolean;
}

/** Every warning there is. */
export const warningIds = [
  "nodes-undeclared",
  "nodes-cordoned",
  "pods-down",
  "pods-terminating",
  "services-unserved",
  "policies-open",
  "namespaces-open",
  "pools-other",
  "volumes-released",
  "echo-unanswered",
  "restart-due",
  "etcd-disk-slow",
] as const;

/** What was seen and is not the deployment's to keep: its operator should know, and it never fails a verification. */
export interface Warning {
  readonly id: (typeof warningIds)[number];
  readonly title: string;
  /** Node that was looked at, or `cluster`. */
  readonly node: string;
  readonly found: string;
  /** What to look at, on `node`, or on a control plane for `cluster`. */
  readonly next: string;
}

/** What the verification saw. */
export interface Report {
  readonly schema: 1;
  /** When the last reading was taken, ISO 8601, UTC. */
  readonly time: string;
  readonly passed: boolean;
  /** What a reader must know besides the checks. */
  readonly remarks: readonly string[];
  readonly nodes: readonly ReportedNode[];
  readonly checks: readonly Check[];
  /** What an operator should know and what does not fail the verification. */
  readonly warnings: readonly Warning[];
}

/** Which machine, and which boot of it, was checked. Unreadable values are empty. */
export interface ReportedNode {
  readonly name: string;
  readonly kernel: string;
  readonly bootId: string;
  readonly uptimeSeconds: number;
}

/**
 * The report for people: failed checks first, with what was wanted and the next command to run; then passed ones,
 * briefly; then warnings.
 */
export function table(report: Report): string {
  const failed = report.checks.filter(({ passed }) => !passed);
  const held = report.checks.filter(({ passed }) => passed);
  const { length } = report.warnings;
  const warnings = length > 0 ? `, ${length} warning${length > 1 ? "s" : ""}` : "";
  const summary = failed.length
    ? `${failed.length} of ${report.checks.length} checks failed${warnings}.`
    : `All ${report.checks.length} checks passed${warnings}.`;
  return [
    ...byReason(failed).flatMap(failure),
    ...aligned(byTitle(held).map(({ title, nodes, found }) => ["ok", title, nodes, found])),
    "",
    ...warned(report),
    ...report.remarks.map((remark) => `Note: ${remark}`),
    `${summary} ${report.time}`,
  ].join("\n");
}

/** Checks that could not be made for one and the same reason stand together, so that it is read once. */
function byReason(failed: readonly Check[]): (readonly [Check, ...Check[]])[] {
  const wasMade = ({ found }: Check) => !/^(unreadable|not tried): /.test(found);
  return failed.flatMap((check, at) => {
    if (wasMade(check)) return [[check] as const];
    const same = failed.filter(({ found }) => found === check.found);
    return failed.findIndex(({ found }) => found === check.found) === at ? [[check, ...same.slice(1)] as const] : [];
  });
}

function failure([check, ...others]: readonly [Check, ...Check[]]): string[] {
  const details = aligned([
    ["  wanted", check.wanted],
    ["  found", check.found.replaceAll("\n", "\n          ")],
    ["  next", check.here ? `here: ${check.next}` : where(check)],
  ]);
  const titles = [check, ...others].map(({ node, title }) => `FAILED  ${node}: ${title}`);
  // What was wanted of each is not the question: none of them was made.
  return [...titles, ...(others.length > 0 ? details.slice(1) : details), ""];
}

/** The warnings for people, a line at a time. */
export function warned({ warnings }: Pick<Report, "warnings">): string[] {
  return warnings.flatMap((warning) => [
    `WARNING  ${warning.node}: ${warning.title}`,
    ...aligned([
      ["  found", warning.found],
      ["  next", where(warning)],
    ]),
    "",
  ]);
}

function where({ node, next }: { readonly node: string; readonly next: string }): string {
  return node === "cluster" ? next : `on ${node}: ${next}`;
}

/**
 * Checks that are the same on several nodes become one line; the found value is printed only if it is the same on all
 * nodes.
 */
function byTitle(checks: readonly Check[]) {
  const titles = [...new Set(checks.map(({ title }) => title))];
  return titles.map((title) => {
    const same = checks.filter((check) => check.title === title);
    const found = new Set(same.map((check) => check.found));
    return { title, nodes: same.map(({ node }) => node).join(", "), found: found.size === 1 ? [...found].join() : "" };
  });
}

/** Rows whose columns begin at the same place, as lines. */
export function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
