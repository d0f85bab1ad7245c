import type { MainInput } from "../../components/verify/main";
import { ensureEngine } from "../../tools/engine/engine";
import { expectLab } from "../../tools/lab/labs";
import { stackOutput } from "../../tools/stack";
import type { ClusterInput } from "../stack-outputs";
import { labStack } from "./lab-stack";

/** @throws Error that says what to do, if there is no such lab or it has no cluster yet */
export async function clusterOfLab(lab: string): Promise<ClusterInput> {
  await expectLab(lab);
  const stack = await labStack(lab, await ensureEngine(() => {}));
  const verification = await stackOutput<MainInput>(stack, "verification");
  if (!verification) throw new Error(`lab ${lab} has no cluster yet; bring it up (make lab LAB=${lab})`);
  return { ...verification, hypervisors: (await stackOutput(stack, "hypervisors")) ?? {} };
}
