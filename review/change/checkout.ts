import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../tools/run";

/** One side of a review: a directory with the program, its stacks and `node_modules`. */
export interface Side {
  readonly directory: string;
  /** Settings files as `stacks/Pulumi.<name>.yaml`, by the stack's name. */
  readonly stacks: ReadonlyMap<string, string>;
}

/** Runs `git` in a directory. @returns stdout @throws Error with the command and git's own words */
export async function git(directory: string, ...args: string[]): Promise<string> {
  try {
    return (await run("git", ["-C", directory, ...args])).trim();
  } catch (error) {
    throw new Error(`git ${args.join(" ")}: ${(error as { stderr?: string }).stderr?.trim() || error}`);
  }
}

/**
 * The commit that a change starts from: where HEAD left `base`.
 *
 * @throws Error if `base` is no commit, or none that HEAD has ancestors in common with
 */
export async function startOf(repository: string, base: string): Promise<string> {
  await git(repository, "rev-parse", "--verify", "--quiet", `${base}^{commit}`).catch(() => {
    throw new Error(
      `BASE=${base} is no commit of this repository; name the branch, tag or commit that the change starts from, such as BASE=origin/main, or fetch it first: git fetch`,
    );
  });
  return git(repository, "merge-base", base, "HEAD").catch(() => {
    throw new Error(
      `BASE=${base} has no commit in common with HEAD; name a branch that the change comes from. A shallow clone lacks older commits: git fetch --unshallow`,
    );
  });
}

/**
 * The checkout as it is, changes included that are not committed yet.
 *
 * @param chosen A stack that is included even if git ignores its settings file.
 */
export async function headSide(repository: string, chosen?: string): Promise<Side> {
  const files = [await git(repository, "ls-files", "stacks"), await git(repository, "ls-files", "--others", "stacks")];
  const [known, others] = files.map(stacksAmong) as [Map<string, string>, Map<string, string>];
  const own = chosen ? others.get(chosen) : undefined;
  const stacks = new Map([...known, ...(chosen && own ? [[chosen, own] as const] : [])]);
  return {
    directory: repository,
    stacks: new Map([...stacks].filter(([, file]) => existsSync(join(repository, file)))),
  };
}

/** Calls `use` with the repository as it was at `commit`, in a worktree that is removed afterwards. */
export async function withBaseSide<T>(repository: string, commit: string, use: (base: Side) => Promise<T>) {
  const parent = await mkdtemp(join(tmpdir(), "kjerne-base-"));
  const directory = join(parent, "base");
  try {
    await git(repository, "worktree", "add", "--quiet", "--detach", directory, commit);
    await provideModules(repository, directory);
    return await use({ directory, stacks: stacksAmong(await git(directory, "ls-files", "stacks")) });
  } finally {
    await rm(parent, { recursive: true, force: true });
    await git(repository, "worktree", "prune");
  }
}

/** Links node_modules if the lock file is the same; else installs what the lock file says, without running scripts. */
async function provideModules(repository: string, base: string): Promise<void> {
  const lock = (directory: string) => readFile(join(directory, "package-lock.json"), "utf8");
  const modules = join(repository, "node_modules");
  if (!existsSync(modules)) throw new Error(`${repository} has no node_modules; run npm ci --ignore-scripts there`);
  if ((await lock(repository)) === (await lock(base))) return symlink(modules, join(base, "node_modules"));
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: base });
}

function stacksAmong(files: string): Map<string, string> {
  const named = files.split("\n").map((file) => [/^stacks\/Pulumi\.([^/]+)\.yaml$/.exec(file)?.[1], file] as const);
  return new Map(named.filter((pair): pair is [string, string] => pair[0] !== undefined));
}
