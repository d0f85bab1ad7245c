import { Listr, type ListrTask, PRESET_TIMER } from "listr2";
import { type Engine, ensureEngine } from "../../tools/engine/engine";
import { describePieces } from "../../tools/engine/pieces";
import { ensurePackages } from "../../tools/lab/packages";
import { ensureSupply, type Supply } from "../../tools/supply/supply";

/** What a lab and the tests need on this machine. Each step of the set-up fills in what it finds or makes. */
export interface Tools {
  engine: Engine;
  supply: Supply;
}

type Task = { output: string };

/** Shows the latest line of a long step under its title. */
export const progress = (task: Task) => (line: string) => {
  task.output = line;
};

/** Packages, engine and supply. A second run takes them from the cache. */
export const setUpTasks = <Context extends Tools>(): ListrTask<Context>[] => [
  { title: "Debian packages of this machine", task: (_, task) => ensurePackages(progress(task)) },
  {
    title: "Pulumi: engine and providers",
    task: async (tools, task) => {
      tools.engine = await ensureEngine(progress(task));
      // Stays on the terminal, unlike the lines of progress.
      task.title = `Pulumi: engine and providers, ${describePieces(tools.engine.pieces)}`;
    },
  },
  {
    title: "Supply: packages and images that nodes install",
    task: async (tools, task) => {
      tools.supply = await ensureSupply(progress(task));
    },
  },
];

/** Runs steps one after the other: a list with times on a terminal, a line for each event elsewhere. */
export async function runTasks<Context extends object>(
  tasks: ListrTask<Context>[],
  context: Context,
): Promise<Context> {
  return new Listr<Context, "default", "verbose">(tasks, {
    concurrent: false,
    rendererOptions: { timer: PRESET_TIMER, collapseErrors: false },
    fallbackRenderer: "verbose",
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run(context);
}

/** `make packages`, `make engine`, `make supply`: one of these steps, for the layers of tests that need it. */
export async function setUp(part: string): Promise<void> {
  const [packages, engine, supply] = setUpTasks<Tools>();
  const task = new Map(Object.entries({ packages, engine, supply })).get(part);
  if (!task) throw new Error(`there is no part ${part} to set up; choose packages, engine or supply`);
  const made = await runTasks([task], {} as Tools);
  if (part === "supply") console.log(`Packages, images and their index supply.json: ${made.supply.directory}`);
}
