import type { MainInput } from "../../components/verify/main";
import { overSsh } from "../../components/verify/ssh";
import { benchmark, packedKubeBench } from "../../tools/cis/kube-bench";
import { explained, foundIn, judge, printed } from "../../tools/cis/table";
import { ensureEngine } from "../../tools/engine/engine";
import { expectLab } from "../../tools/lab/labs";
import { stackOutput } from "../../tools/stack";
import { labStack } from "./lab-stack";

/** `make lab-cis`: the controls of the CIS Kubernetes Benchmark on each node of the lab's cluster, by kube-bench. */
export async function printCis(lab: string): Promise<void> {
  await expectLab(lab);
  const input = await stackOutput<MainInput>(await labStack(lab, await ensureEngine(() => {})), "verification");
  if (!input) throw new Error(`lab ${lab} has no cluster yet; bring it up (make lab LAB=${lab})`);
  const packed = await packedKubeBench(console.error);
  const found = await overSsh(input.targets, (run) =>
    Promise.all(input.wanted.nodes.map(async ({ name }) => foundIn(name, await run(name, "verify/cis.sh", packed)))),
  );
  const rows = judge(found.flat(), explained);
  console.log(`${benchmark}\n${printed(rows, explained)}`);
  if (rows.some(({ state }) => state === "unexplained")) process.exitCode = 1;
}
