import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

/** What kube-bench found of one control on one node. */
export interface Found {
  readonly control: string;
  readonly text: string;
  readonly node: string;
  readonly status: "PASS" | "FAIL" | "WARN" | "INFO";
}

/** A control, over all nodes that it was asked on. */
export interface Row {
  readonly control: string;
  readonly text: string;
  readonly state: "passed" | "explained" | "unexplained";
  /** Nodes that do not pass. */
  readonly nodes: readonly string[];
  /** Why it is as it is; of explained ones. */
  readonly reason?: string;
}

/** Control → why it is not kept, or who keeps it where kube-bench leaves it to a person to look. */
export type Explained = Readonly<Record<string, string>>;

export const explained: Explained = parse(readFileSync(join(__dirname, "explained.yaml"), "utf8"));

interface Answer {
  readonly Controls: readonly {
    readonly tests: readonly {
      readonly results: readonly {
        readonly test_number: string;
        readonly test_desc: string;
        readonly status: Found["status"];
      }[];
    }[];
  }[];
}

/** @param printed what `kube-bench run --json` printed on that node */
export function foundIn(node: string, printed: string): Found[] {
  const { Controls }: Answer = JSON.parse(printed);
  return Controls.flatMap(({ tests }) =>
    tests.flatMap(({ results }) =>
      results.map(({ test_number: control, test_desc: text, status }) => ({ control, text, node, status })),
    ),
  );
}

/** Each control once, in the benchmark's order. */
export function judge(found: readonly Found[], reasons: Explained): Row[] {
  return [...new Map(found.map(({ control, text }) => [control, text]))].map(([control, text]) => {
    const failed = found.filter((one) => one.control === control && one.status !== "PASS");
    const nodes = failed.map(({ node }) => node);
    const reason = reasons[control];
    if (nodes.length === 0) return { control, text, nodes, state: "passed" };
    return reason
      ? { control, text, nodes, state: "explained", reason }
      : { control, text, nodes, state: "unexplained" };
  });
}

/** The rows as text, what nobody has explained last; then how many of each, and explanations that nothing needs. */
export function printed(rows: readonly Row[], reasons: Explained): string {
  const of = (wanted: Row["state"]) => rows.filter(({ state }) => state === wanted);
  const needed = new Set(of("explained").map(({ control }) => control));
  const unneeded = Object.keys(reasons).filter((control) => !needed.has(control));
  return [
    ...of("passed").map(({ control, text }) => `passed       ${control} ${text}`),
    ...of("explained").map(
      ({ control, text, nodes, reason }) =>
        `explained    ${control} ${text}\n             ${nodes.join(", ")}: ${reason}`,
    ),
    ...of("unexplained").map(
      ({ control, text, nodes }) => `UNEXPLAINED  ${control} ${text}\n             ${nodes.join(", ")}`,
    ),
    `${of("passed").length} passed, ${of("explained").length} explained, ${of("unexplained").length} unexplained`,
    ...(unneeded.length > 0
      ? [`These pass, or were not asked, and are explained all the same: ${unneeded.join(", ")}`]
      : []),
  ].join("\n");
}
