import { cp, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MainInput } from "../../components/verify/main";
import { textOf } from "../../components/verify/run";
import { overSsh } from "../../components/verify/ssh";
import { insideNode } from "../../tools/lab/native/node-processes";
import { nodesOf } from "../../tools/lab/native/nodes";
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
  await cp(pool, join(directory, "pool"), { recursive: true, filter: kept(pool) }).catch(ignoreMissing);
  for (const log of ["up.log", "destroy.log", "report.json"])
    await cp(join(state, log), join(directory, log), { force: true }).catch(ignoreMissing);

  const nodes = join(directory, "nodes");
  await mkdir(nodes);
  const keep = async (name: string, printed: Promise<string>) =>
    writeFile(join(nodes, `${name}.log`), await printed.catch(String));
  // Not by ssh: after a first up that failed, the stack does not tell how its nodes are reached.
  const script = await textOf("verify/diagnostics.sh");
  const native = await nodesOf(stack.name);
  for (const name of native) await keep(name, insideNode(stack.name, name, "bash", "-c", script));
  const input = await stackOutput<MainInput>(stack, "verification");
  if (!input) return directory;
  const others = input.wanted.nodes.filter(({ name }) => !native.includes(name));
  await overSsh(input.targets, async (run) => {
    for (const { name } of others) await keep(name, run(name, "verify/diagnostics.sh", ""));
  });
  return directory;
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
