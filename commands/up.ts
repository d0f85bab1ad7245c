import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { findPacks, packConfig, packFlags } from "../review/packs/packs";
import { pulumiIn, runJudged } from "../review/runs/judged-run";
import { ensureEngine, linkPlugins } from "../tools/engine/engine";
import { findPieces } from "../tools/engine/pieces";
import { expectStack, readStackSettings, refusal, refusedPieces } from "./preconditions";

const { values, positionals } = parseArgs({
  options: {
    stack: { type: "string" },
    /** Further flags of `pulumi`, separated by spaces. */
    flags: { type: "string", default: "" },
    /** `allow`: `up` outside a lab goes on without an official Pulumi. */
    "stand-ins": { type: "string" },
  },
  allowPositionals: true,
});

const repository = join(__dirname, "..");
const say = (line: string) => console.error(line);

/** `make up` and `make preview`: this repository's program and policy packs, with the backend and keys of the user. */
async function main(): Promise<void> {
  const [verb] = positionals;
  if (verb !== "up" && verb !== "preview") throw new Error(`no verb ${verb ?? "given"}; choose up or preview`);
  const standIns = values["stand-ins"];
  if (standIns !== undefined && standIns !== "allow") {
    throw new Error(`STAND_INS=${standIns} is unknown; say STAND_INS=allow, or leave it out`);
  }
  const settings = await readStackSettings(repository, verb, values.stack, process.env.PULUMI_OPTION_CONFIG_FILE);

  const pieces = await findPieces();
  const refused = refusedPieces(pieces, settings, standIns === "allow");
  if (refused.length > 0 && verb === "up") throw new Error(refusal(refused, settings));
  const engine = await ensureEngine(say, pieces);
  if (refused.length > 0) say("not all of it is official: make up refuses that unless you say STAND_INS=allow");

  // What is official lies where the CLI looks for it already.
  const plugins = engine.plugins.filter(({ official }) => !official);
  await linkPlugins({ plugins }, process.env.PULUMI_HOME ?? join(homedir(), ".pulumi"));
  const pulumi = pulumiIn(repository, { ...process.env, ...engine.env });
  await expectStack(pulumi.ask, settings, engine.cli);

  const { stack } = settings;
  const packs = await packFlags(await findPacks(repository), repository, (pack) => packConfig(pack, stack));
  const flags = values.flags.split(" ").filter(Boolean);
  process.exitCode = await runJudged({ verb, stack, packs, flags, ...pulumi });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
