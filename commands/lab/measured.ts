import type { MainInput } from "../../components/verify/main";
import type { SshTarget } from "../../components/verify/ssh";
import { ensureEngine } from "../../tools/engine/engine";
import { expectLab } from "../../tools/lab/labs";
import { stackOutput } from "../../tools/stack";
import { labStack } from "./lab-stack";

/** What the last deployment wants, and how its machines are reached. */
export interface MeasureInput extends Pick<MainInput, "wanted" | "targets"> {
  readonly hypervisors: Readonly<Record<string, SshTarget>>;
}

/** @throws Error that says what to do, if there is no such lab or it has no cluster yet */
export async function measureInputOf(lab: string): Promise<MeasureInput> {
  await expectLab(lab);
  const stack = await labStack(lab, await ensureEngine(() => {}));
  const verification = await stackOutput<MainInput>(stack, "verification");
  if (!verification) throw new Error(`lab ${lab} has no cluster yet; bring it up (make lab LAB=${lab})`);
  return { ...verification, hypervisors: (await stackOutput(stack, "hypervisors")) ?? {} };
}
