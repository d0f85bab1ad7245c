import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../../tools/cache";
import { run } from "../../tools/run";
import { textAt } from "./git";

/**
 * The libraries that a commit's lock file names, outside of every checkout: what lies in the checkout's node_modules may
 * have been put there by the branch. Installed once for each lock file, without running scripts, and without the
 * commit's .npmrc, which could send a token of yours to a registry of its choice.
 *
 * @param trusted Commit of the base: another commit may take libraries only from where this one does.
 * @returns a directory `node_modules`
 * @throws Error if the lock file names another source, or npm fails
 */
export async function modulesFor(repository: string, commit: string, trusted: string): Promise<string> {
  const files = { "package.json": "{}", "package-lock.json": "{}" };
  for (const file of Object.keys(files) as (keyof typeof files)[]) {
    const text = await textAt(repository, commit, file);
    if (text === undefined) throw new Error(`${commit.slice(0, 12)} has no ${file}; the review installs what it names`);
    files[file] = text;
  }
  const sources = sourcesIn(files["package-lock.json"]);
  const known = sourcesIn((await textAt(repository, trusted, "package-lock.json")) ?? "{}");
  const others = [...sources].filter((source) => !known.has(source));
  if (others.length > 0) {
    throw new Error(
      `package-lock.json takes libraries from ${others.join(" and ")}, where the base takes none from; the review installs from no new place. Use ${[...known].join(" or ")}.`,
    );
  }
  const directory = await cached("modules", Object.values(files), async (unfinished) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(unfinished, name), text);
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], { cwd: unfinished });
  });
  return join(directory, "node_modules");
}

const registry = "the registry that npm is set to";

/** Where the packages of a lock file come from: an origin, or what it says where that is no server with archives. */
function sourcesIn(lock: string): Set<string> {
  const { packages = {} } = JSON.parse(lock) as { packages?: Record<string, { resolved?: string; link?: boolean }> };
  const installed = Object.entries(packages).filter(([path]) => path !== "");
  return new Set([
    registry,
    ...installed.map(([path, { resolved, link }]) => {
      if (link || !path.includes("node_modules/")) return `the folder ${path}`;
      if (resolved === undefined) return registry;
      return resolved.startsWith("https://") ? new URL(resolved).origin : resolved;
    }),
  ]);
}
