import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git } from "./git";
import { modulesFor } from "./modules";

/** A repository as it is at a commit, in a directory of its own with `node_modules`. */
export interface Side {
  readonly commit: string;
  readonly directory: string;
  /** Directory that holds the libraries, outside of every checkout. */
  readonly modules: string;
  /** Settings files as `stacks/Pulumi.<name>.yaml`, by the stack's name. */
  readonly stacks: ReadonlyMap<string, string>;
}

/** Calls `use` with the repository as it was at `commit`, in a worktree that is removed afterwards. */
export async function withSide<T>(
  repository: string,
  commit: string,
  modules: string,
  use: (side: Side) => Promise<T>,
): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), "kjerne-side-"));
  const directory = join(parent, "checkout");
  try {
    await git(repository, "worktree", "add", "--quiet", "--detach", directory, commit);
    // A branch could have committed libraries of its own.
    await rm(join(directory, "node_modules"), { recursive: true, force: true });
    await symlink(modules, join(directory, "node_modules"));
    const files = await git(repository, "ls-tree", "-r", "--name-only", commit, "stacks/");
    return await use({ commit, directory, modules, stacks: stacksAmong(files) });
  } finally {
    await rm(parent, { recursive: true, force: true });
    await git(repository, "worktree", "prune");
  }
}

/** Calls `use` with a commit and the libraries that the lock file of that commit names. */
export async function withCommit<T>(
  repository: string,
  commit: string,
  trusted: string,
  use: (side: Side) => Promise<T>,
) {
  return withSide(repository, commit, await modulesFor(repository, commit, trusted), use);
}

function stacksAmong(files: string): Map<string, string> {
  const named = files.split("\n").map((file) => [/^stacks\/Pulumi\.([^/]+)\.yaml$/.exec(file)?.[1], file] as const);
  return new Map(named.filter((pair): pair is [string, string] => pair[0] !== undefined));
}
