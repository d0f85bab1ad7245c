import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resize } from "../test/states/sized";
import { type Pulumi, playedStack } from "../test/states/stack";
import { commandLineOf, peakMegabytesOf, processorSecondsOf, processTree } from "./processes";

/**
 * Measures what a cluster costs by its size, through the real engine, on machines that are played: all of its state, and
 * memory and processor time of the engine and the program for an `up` that creates it and a preview that adds a worker.
 * Then each figure's ratio between one size and the next, and what a node more adds.
 * `node --import tsx bench/scale.ts 10 30` takes about a minute; without sizes it is 10, 30, 100 and 300 nodes.
 */
const given = process.argv.slice(2).map(Number);
const sizes = given.length > 0 ? given : [10, 30, 100, 300];
const repository = join(__dirname, "..");

async function main(): Promise<void> {
  if (!sizes.every((size) => Number.isInteger(size) && size > 3)) {
    throw new Error(`sizes are ${sizes.join(", ")}; give numbers of nodes above 3: three are control planes`);
  }
  let smaller: { readonly nodes: number; readonly figures: Figures } | undefined;
  for (const nodes of sizes) {
    const figures = await measure(nodes);
    console.log(`${nodes} nodes`);
    for (const [name, value] of Object.entries(figures) as [keyof Figures, number][]) {
      const perNode = `${rounded(value / nodes)} per node`;
      const before = smaller?.figures[name];
      const added = smaller && before && `, ${rounded((value - before) / (nodes - smaller.nodes))} for each node more`;
      const ratio = smaller && before && `, ${rounded(value / before)} times ${smaller.nodes} nodes'`;
      console.log(
        `  ${name}: ${rounded(value)}${name.includes("worker more") ? "" : `, ${perNode}`}${added ?? ""}${ratio ?? ""}`,
      );
    }
    if (smaller) console.log(`  (${rounded(nodes / smaller.nodes)} times as many nodes)`);
    smaller = { nodes, figures };
  }
}

type Figures = Awaited<ReturnType<typeof measure>>;

async function measure(nodes: number) {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-scale-"));
  try {
    const pulumi = await playedStack("oslo", repository, directory);
    await resize(directory, "oslo", nodes);
    const { cost: up } = await costOf(() => pulumi("up", "--yes", "--skip-preview"));
    const exported = await pulumi("stack", "export");
    await resize(directory, "oslo", nodes + 1);
    const { cost: preview, result } = await costOf(() => pulumi("preview", "--json"));
    const commands = stepsOf(result).filter(({ urn }) => /[$:]kjerne-drift:index:Node(Script|Files)::/.test(urn));
    return {
      resources: (JSON.parse(exported) as { deployment: { resources: unknown[] } }).deployment.resources.length,
      "state, kB": Buffer.byteLength(exported) / 1e3,
      "ssh sessions that create a worker more": commands.filter(({ op }) => op === "create").length,
      "ssh sessions on other machines for a worker more": commands.filter(({ op }) => op !== "create").length,
      "up: engine, peak MB": up.engineMegabytes,
      "up: program, peak MB": up.programMegabytes,
      "up: engine and program, processor s": up.processorSeconds,
      "preview: engine, peak MB": preview.engineMegabytes,
      "preview: program, peak MB": preview.programMegabytes,
      "preview: engine and program, processor s": preview.processorSeconds,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function stepsOf(preview: string): { readonly op: string; readonly urn: string }[] {
  return (JSON.parse(preview) as { steps: { op: string; urn: string }[] }).steps.filter(({ op }) => op !== "same");
}

/** Samples the engine and the program that a run of the CLI starts: use after the last sample is missed. */
async function costOf(run: () => ReturnType<Pulumi>) {
  const seen = new Map<number, { kind: "engine" | "program"; megabytes: number; seconds: number }>();
  const sampling = setInterval(() => {
    for (const pid of processTree(process.pid)) {
      const kind = seen.get(pid)?.kind ?? kindOf(commandLineOf(pid));
      const [megabytes, seconds] = [peakMegabytesOf(pid), processorSecondsOf(pid)];
      if (kind && megabytes && seconds) seen.set(pid, { kind, megabytes, seconds });
    }
  }, 200);
  try {
    const result = await run();
    const all = [...seen.values()];
    const peak = (wanted: string) =>
      Math.max(0, ...all.filter(({ kind }) => kind === wanted).map((one) => one.megabytes));
    return {
      result,
      cost: {
        engineMegabytes: peak("engine"),
        programMegabytes: peak("program"),
        processorSeconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
      },
    };
  } finally {
    clearInterval(sampling);
  }
}

/** The CLI holds the engine; the language host starts the program with a file of the SDK. The provider here is played. */
function kindOf(commandLine: string): "engine" | "program" | undefined {
  if (/pulumi\/cmd\/run/.test(commandLine)) return "program";
  return /^(\S*\/)?pulumi /.test(commandLine) ? "engine" : undefined;
}

const rounded = (value: number) => (value >= 100 ? value.toFixed(0) : value.toFixed(2).replace(/\.?0+$/, ""));

main().catch((error) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
