import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../tools/run";

/**
 * Runs `git` in a directory, without the hooks of that repository. @returns stdout @throws Error with the command and
 * git's own words
 */
export async function git(directory: string, ...args: string[]): Promise<string> {
  return gitWith({}, directory, ...args);
}

async function gitWith(env: NodeJS.ProcessEnv, directory: string, ...args: string[]): Promise<string> {
  const quiet = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"];
  try {
    return (await run("git", [...quiet, "-C", directory, ...args], { env })).trim();
  } catch (error) {
    throw new Error(`git ${args.join(" ")}: ${(error as { stderr?: string }).stderr?.trim() || error}`);
  }
}

/**
 * The commit that a name means.
 *
 * @param variable What the user gave it as: `BASE`.
 * @throws Error if it is no commit
 */
export async function commitOf(repository: string, variable: "BASE" | "HEAD", name: string): Promise<string> {
  return git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`).catch(() => {
    throw new Error(
      `${variable}=${name} is no commit of this repository; name the branch, tag or commit that the change ${variable === "BASE" ? "starts from, such as BASE=origin/main" : "ends with, such as HEAD=origin/feature"}, or fetch it first: git fetch`,
    );
  });
}

/** The commit where `head` left `base`. @throws Error if they have no ancestor in common */
export async function startOf(repository: string, base: string, head: string): Promise<string> {
  return git(repository, "merge-base", base, head).catch(() => {
    throw new Error(
      `BASE=${base} has no commit in common with ${head}; name a branch that the change comes from. A shallow clone lacks older commits: git fetch --unshallow`,
    );
  });
}

/**
 * The checkout as it is, as a commit: HEAD, or one that no branch has, with changes that are not committed yet. Files that
 * git ignores are not in it.
 *
 * @param chosen A stack that is included even if git ignores its settings file.
 */
export async function snapshot(repository: string, chosen?: string): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "kjerne-index-"));
  const env = {
    GIT_INDEX_FILE: join(parent, "index"),
    ...{ GIT_AUTHOR_NAME: "review", GIT_AUTHOR_EMAIL: "", GIT_COMMITTER_NAME: "review", GIT_COMMITTER_EMAIL: "" },
  };
  const git = (...args: string[]) => gitWith(env, repository, ...args);
  try {
    await git("read-tree", "HEAD");
    await git("add", "--all", ":/");
    const settings = `stacks/Pulumi.${chosen}.yaml`;
    if (chosen && existsSync(join(repository, settings))) await git("add", "--force", "--", settings);
    const tree = await git("write-tree");
    if (tree === (await git("rev-parse", "HEAD^{tree}"))) return await git("rev-parse", "HEAD");
    return await git("commit-tree", "-p", "HEAD", "-m", "as it is", tree);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

/** The text of a file at a commit. Undefined if there is none. A link is what it points to, as text. */
export async function textAt(repository: string, commit: string, file: string): Promise<string | undefined> {
  return git(repository, "show", `${commit}:${file}`).catch(() => undefined);
}
