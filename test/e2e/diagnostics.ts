import { cp, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MainInput } from "../../components/verify/main";
import { overSsh } from "../../components/verify/ssh";
import { labFiles } from "../../tools/lab/plan";
import { type Stack, stackOutput } from "../../tools/stack";

/**
 * Copies the logs that explain a failure before the lab is removed: serial consoles, journals, events, Pulumi's output.
 *
 * @returns The directory with the logs.
 */
export async function keepDiagnostics(stack: Stack): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `kjerne-${stack.name}-`));
  const { pool, state } = labFiles(stack.name);
  const kept = (root: string) => (path: string) => path === root || !/\.(raw|iso|img)$|vmlinuz|seed/.test(path);
  await cp(pool, join(directory, "pool"), { recursive: true, filter: kept(pool) });
  for (const log of ["up.log", "destroy.log", "report.json"])
    await cp(join(state, log), join(directory, log), { force: true }).catch(ignoreMissing);

  const nodes = join(directory, "nodes");
  await mkdir(nodes);
  const input = await stackOutput<MainInput>(stack, "verification");
  if (!input) return directory;
  await overSsh(input.targets, async (run) => {
    for (const { name } of input.wanted.nodes) {
      const output = await run(name, "verify/diagnostics.sh", "").catch(String);
      await writeFile(join(nodes, `${name}.log`), output);
    }
  });
  return directory;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
