import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs a program to its end and returns what it printed; fails with what it wrote to stderr. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const { cwd, env } = options;
  const { stdout } = await execute(command, args, { cwd, env: { ...process.env, ...env }, maxBuffer: 64 << 20 });
  return stdout;
}
