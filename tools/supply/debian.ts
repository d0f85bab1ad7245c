import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache";
import { run } from "../run";

/**
 * Downloads packages of Debian with everything that they depend on, down to an empty machine, and returns the directory
 * of .deb files. apt does it: from this machine's own sources, with its signature and hash checks, but beside this
 * machine's own state, so that what is installed here makes no difference.
 *
 * @param names What is asked for; what every Debian system has (Essential, Priority: required) comes with it.
 */
export async function downloadDebian(names: readonly string[], say: (line: string) => void): Promise<string> {
  return cached("debian", [required, ...names], async (directory) => {
    const scratch = await mkdtemp(join(directory, "scratch-"));
    try {
      for (const path of ["lists/partial", "cache/archives/partial"])
        await mkdir(join(scratch, path), { recursive: true });
      await writeFile(join(scratch, "status"), "");
      const apt = (...args: string[]) => run("apt-get", [...privateState(scratch), ...args]);

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

/** Nothing depends on these: every system is taken to have them. */
const required = "?or(?essential,?priority(required))";

function privateState(scratch: string): string[] {
  const options = {
    "Dir::State::lists": join(scratch, "lists"),
    "Dir::State::status": join(scratch, "status"),
    "Dir::State::extended_states": join(scratch, "extended_states"),
    "Dir::Cache": join(scratch, "cache"),
    // Only root can read the scratch directory, so apt must not hand the download to its own user.
    "APT::Sandbox::User": "root",
    "APT::Keep-Downloaded-Packages": "true",
  };
  return Object.entries(options).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
}
