import { shellQuote } from "../../components/machine/shell";
import { ensureEngine } from "../../tools/engine/engine";
import { describePieces } from "../../tools/engine/pieces";
import { expectLab } from "../../tools/lab/labs";
import { labStack } from "./lab-stack";

/** `make env`: what a shell evaluates to have pulumi, kubectl and the stack's variables. */
export async function printEnvironment(lab: string): Promise<void> {
  await expectLab(lab);
  const engine = await ensureEngine(() => {});
  const { env } = await labStack(lab, engine);
  console.error(`Pulumi of lab ${lab}: ${describePieces(engine.pieces)}`); // A shell evaluates stdout.
  for (const [name, value] of Object.entries(env)) console.log(`export ${name}=${shellQuote(value)}`);
}
