import { shellQuote } from "../../components/machine/shell";
import { ensureEngine } from "../../tools/engine/engine";
import { expectLab } from "../../tools/lab/labs";
import { labStack } from "./lab-stack";

/** `make env`: what a shell evaluates to have pulumi, kubectl and the stack's variables. */
export async function printEnvironment(lab: string): Promise<void> {
  await expectLab(lab);
  const { env } = await labStack(lab, await ensureEngine(() => {}));
  for (const [name, value] of Object.entries(env)) console.log(`export ${name}=${shellQuote(value)}`);
}
