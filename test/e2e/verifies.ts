import assert from "node:assert/strict";
import type { Stack } from "../../tools/stack";
import { onNode } from "./shell";

/** A control plane verifies the cluster now, as its timer has it do, reaches every node, and writes metrics of each. */
export async function verifiesByItself(stack: Stack, node: string, all: readonly string[]): Promise<void> {
  const start = "systemctl start kjerne-verify || { journalctl -u kjerne-verify -n 80 >&2; exit 1; }";
  await onNode(stack, node, `sh -c 'rm -f /run/kjerne-verify/began; ${start}'`);
  const metrics = await onNode(stack, node, "cat /var/lib/prometheus/node-exporter/kjerne-verification.prom");
  const has = (line: string) => assert.ok(metrics.split("\n").includes(line), `${line} is not in\n${metrics}`);
  has(`kjerne_verification_passed{stack="${stack.name}"} 1`);
  for (const one of all) has(`kjerne_check_passed{stack="${stack.name}",check="ssh",node="${one}"} 1`);
  for (const one of all)
    assert.match(metrics, new RegExp(`^kjerne_report_conntrack_entries\\{.*node="${one}"\\} \\d+$`, "m"));
}
