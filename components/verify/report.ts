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
 * briefly.
 */
export function table(report: Report): string {
  const failed = report.checks.filter(({ passed }) => !passed);
  const held = report.checks.filter(({ passed }) => passed);
  const summary = failed.length
    ? `${failed.length} of ${report.checks.length} checks failed.`
    : `All ${report.checks.length} checks passed.`;
  return [
    ...failed.flatMap(failure),
    ...aligned(byTitle(held).map(({ title, nodes, found }) => ["ok", title, nodes, found])),
    "",
    ...report.remarks.map((remark) => `Note: ${remark}`),
    `${summary} ${report.time}`,
  ].join("\n");
}

function failure(check: Check): string[] {
  const details = aligned([
    ["  wanted", check.wanted],
    ["  found", check.found.replaceAll("\n", "\n          ")],
    ["  next", check.node === "cluster" ? check.next : `on ${check.node}: ${check.next}`],
  ]);
  return [`FAILED  ${check.node}: ${check.title}`, ...details, ""];
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

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
