import { parseArgs } from "node:util";
import { runHere } from "../review/runs/judged-run";

const { values, positionals } = parseArgs({
  options: { stack: { type: "string" }, flags: { type: "string", default: "" } },
  allowPositionals: true,
});
const [verb] = positionals;

async function main(): Promise<void> {
  if (verb !== "up" && verb !== "preview") throw new Error(`no verb ${verb ?? "given"}; choose up or preview`);
  if (!values.stack) throw new Error(`name the stack: make ${verb} STACK=oslo`);
  process.exitCode = await runHere(verb, values.stack, values.flags.split(" ").filter(Boolean));
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
