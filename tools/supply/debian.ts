import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { versions } from "../../node-config/versions";
import { cached } from "../cache";
import { debianSources } from "../debian-sources";
import { run } from "../run";

/**
 * Downloads packages of Debian with all of their dependencies, as for an empty machine. apt downloads them from this
 * machine's sources and checks signatures and hashes, but with a state of its own, so that it does not matter what is
 * installed here.
 *
 * @param names Packages; those of every Debian system (Essential, Priority: required) are always included.
 * @param codename Of the release. @default the one of this machine
 * @returns the directory of .deb files
 */
export async function downloadDebian(
  names: readonly string[],
  say: (line: string) => void,
  codename = versions.debian,
): Promise<string> {
  const isOther = codename !== versions.debian;
  return cached("debian", [required, ...(isOther ? [codename] : []), ...names], async (directory) => {
    const scratch = await mkdtemp(join(directory, "scratch-"));
    try {
      for (const path of ["lists/partial", "cache/archives/partial"])
        await mkdir(join(scratch, path), { recursive: true });
      await writeFile(join(scratch, "status"), "");
      const sources = isOther ? await sourcesOf(codename, scratch) : [];
      const apt = (...args: string[]) => run("apt-get", [...privateState(scratch), ...sources, ...args]);

      say("reading package lists");
      await apt("update");
      say(`downloading Debian packages`);
      await apt("install", "--download-only", "--yes", "--no-install-recommends", required, ...names);
      const archives = join(scratch, "cache/archives");
      const downloaded = (await readdir(archives)).filter((name) => name.endsWith(".deb"));
      for (const name of downloaded) await rename(join(archives, name), join(directory, name));
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  });
}

/** Packages of every Debian system. No package depends on them, so apt would not download them otherwise. */
const required = "?or(?essential,?priority(required))";

/** Options by which apt asks for another release than that of this machine. */
async function sourcesOf(codename: string, scratch: string): Promise<string[]> {
  const directory = join(scratch, "sources");
  await mkdir(directory);
  await writeFile(join(directory, "debian.sources"), await debianSources(codename));
  return ["-o", "Dir::Etc::sourcelist=/dev/null", "-o", `Dir::Etc::sourceparts=${directory}`];
}

function privateState(scratch: string): string[] {
  const options = {
    "Dir::State::lists": join(scratch, "lists"),
    "Dir::State::status": join(scratch, "status"),
    "Dir::State::extended_states": join(scratch, "extended_states"),
    "Dir::Cache": join(scratch, "cache"),
    // Only root can read the scratch directory, so apt must not download as its own user.
    "APT::Sandbox::User": "root",
    "APT::Keep-Downloaded-Packages": "true",
  };
  return Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
}
