import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { MainInput } from "../../components/verify/main";
import { type Report, table } from "../../components/verify/report";
import { overSsh } from "../../components/verify/ssh";
import { verify } from "../../components/verify/verify";
import { ensureEngine } from "../../tools/engine/engine";
import { describePieces } from "../../tools/engine/pieces";
import { expectLab } from "../../tools/lab/labs";
import { labFiles } from "../../tools/lab/plan";
import { labStatus } from "../../tools/lab/status";
import { type Stack, stackOutput } from "../../tools/stack";
import { labStack } from "./lab-stack";

/** `make lab-status`: which machines of the lab run, and a verification of its cluster as it is now. */
export async function printStatus(lab: string): Promise<void> {
  await expectLab(lab);
  const { machines, nodes, sessions, escapes, attempts } = await labStatus(lab);
  for (const [role, servers] of Object.entries(machines)) {
    const running = Object.entries(servers).map(([server, runs]) => `${server} ${runs ? "runs" : "is down"}`);
    console.log(`${role}: ${running.join(", ") || "down"}`);
  }
  for (const [node, { runs, isUnplugged }] of Object.entries(nodes)) {
    console.log(`${node}: ${runs ? "runs" : "is down"}${isUnplugged ? ", its network is unplugged" : ""}`);
  }
  for (const { neighbour, state, routes } of sessions) console.log(`router: ${neighbour} ${state}, ${routes} routes`);
  console.log(`packets that left the lab: ${escapes ?? "unknown"}; destinations without a route: ${attempts.length}\n`);

  const engine = await ensureEngine(() => {});
  console.log(`Pulumi: ${describePieces(engine.pieces)}\n`);
  const report = await verifyStack(await labStack(lab, engine), 0, console.error);
  await writeFile(join(labFiles(lab).state, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  console.log(table(report));
  if (!report.passed) process.exitCode = 1;
}

/**
 * Verifies the running cluster of a stack against what the last deployment wants.
 *
 * @param settleSeconds How long the cluster may take to settle before a failed check counts.
 */
export async function verifyStack(stack: Stack, settleSeconds: number, say: (line: string) => void): Promise<Report> {
  const input = await stackOutput<MainInput>(stack, "verification");
  if (!input) throw new Error(`stack ${stack.name} has no cluster yet; bring it up (make lab)`);
  return overSsh(input.targets, (run) => verify(input.wanted, run, { settleSeconds, say }));
}
