import { join } from "node:path";
import { parseArgs } from "node:util";
import type { MainInput } from "../components/verify/main";
import type { Vantage } from "../review/evidence/live";
import { knownPlaces, parseVantage, readLive } from "../review/evidence/read-live";
import { type Evidence, type LiveFacts, states } from "../review/evidence/schema";
import { sign } from "../review/evidence/sign";
import { type StackState, stackState } from "../review/evidence/stack-state";
import { statement } from "../review/evidence/statement";
import { writeEvidence } from "../review/evidence/write";
import { packInUse } from "../review/packs/pack-config-in-use";
import { findPacks, packConfig } from "../review/packs/packs";
import { expectDeclaredState } from "../review/runs/state-in-use";
import { ensureEngine } from "../tools/engine/engine";
import { pulumiOutput } from "../tools/pulumi";
import { expectStack, readStackSettings } from "./preconditions";
import { runCommand } from "./run-command";

const options = {
  stack: { type: "string" },
  /** SSH key that signs the evidence. @default - the evidence is not signed, and a line says so */
  key: { type: "string" },
  /** Read the running nodes too. */
  live: { type: "boolean" },
  /** Servers whose place is known, for `live`, beside the landmarks of the settings: `10.20.0.3:22=Oslo`. */
  vantage: { type: "string", multiple: true, default: [] as string[] },
  /** @default dist/evidence/<stack> */
  output: { type: "string" },
} as const;

/**
 * `make evidence STACK=…`: writes evidence.json, evidence.html and, with a key, evidence.json.sig. Exit status 1:
 * something is open.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options });
  const { key } = values;
  const repository = join(__dirname, "..");
  const configFile = process.env.PULUMI_OPTION_CONFIG_FILE;
  const settings = await readStackSettings(repository, "evidence", values.stack, configFile);
  const { stack } = settings;
  const vantage = parseVantage(values.vantage);
  const { cli } = await ensureEngine(() => {});
  await expectStack((args) => pulumi(repository, ...args), settings, cli);
  const output = values.output ?? join(repository, "dist/evidence", stack);
  await expectDeclaredState((args) => pulumi(repository, ...args), stack);
  // With secrets in clear text, in memory only: rules judge what is inside of them too.
  const state = stackState(JSON.parse(await pulumi(repository, "stack", "export", "--stack", stack, "--show-secrets")));
  const time = new Date().toISOString();
  const packs = await findPacks(repository);
  const evidence = statement({
    stack,
    state,
    packs: await Promise.all(packs.map(async (pack) => packInUse(repository, pack, await packConfig(pack, stack)))),
    time,
    live: values.live ? await lookAtNodes(repository, stack, state, vantage) : undefined,
  });
  const files = await writeEvidence(output, evidence, key ? (file) => sign(file, key) : undefined);
  console.log(files.join("\n"));
  if (!key) console.log("not signed: name an SSH key with KEY=…");
  console.log(verdictOf(evidence));
  if (evidence.predicate.verdict === "open") process.exitCode = 1;
}

/** The verdict and what it rests on, in a few lines. */
function verdictOf({ predicate }: Evidence): string {
  const { rules, summary, exceptions, live, verdict } = predicate;
  const count = states.map((state) => `${summary[state] ?? 0} ${state}`).join(", ");
  const isOpen = ({ state }: { state: string }) => state === "violated" || state === "unverifiable";
  return [
    `${verdict}: ${count}`,
    ...rules.filter(isOpen).map(({ id, state, title, level }) => {
      return `  ${id} ${state}: ${title}${level === "mandatory" ? "" : ` (${level}, so it stops nothing)`}`;
    }),
    ...rules
      .filter((rule) => rule.level !== "mandatory" && !isOpen(rule))
      .map(({ id, level }) => `  ${id} is ${level}`),
    ...exceptions.problems.map((problem) => `  exceptions: ${problem}`),
    ...(live?.facts ?? [])
      .filter(isOpen)
      .map(({ node, about, read, meaning }) => `  ${node}, ${about} ${read}: ${meaning}`),
  ].join("\n");
}

async function lookAtNodes(
  repository: string,
  stack: string,
  { resources }: StackState,
  vantage: Vantage,
): Promise<LiveFacts> {
  const args = ["stack", "output", "verification", "--stack", stack, "--json", "--show-secrets"];
  const { targets, wanted } = JSON.parse(await pulumi(repository, ...args)) as MainInput;
  return readLive(targets, resources, knownPlaces(wanted.landmarks, vantage));
}

async function pulumi(repository: string, ...args: string[]): Promise<string> {
  const { env } = await ensureEngine(() => {});
  return pulumiOutput(args, { cwd: repository, env: { ...process.env, ...env } });
}

runCommand(main, 2);
