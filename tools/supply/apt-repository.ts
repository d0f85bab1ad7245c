import { chmod, link, mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { cached } from "../cache";
import { run } from "../run";

/** A signed apt repository with one suite and one component, `main`. */
export interface AptRepository {
  /** Root of the repository, which sources of apt name. */
  readonly directory: string;
  /** Public key that the repository is signed with, for `signed-by`. */
  readonly key: string;
  readonly suite: string;
  /** Its index: each package with version and hash. */
  readonly packages: string;
  /** Directory with the downloaded packages of Debian. */
  readonly debian: string;
}

/** Makes a repository of packages of Debian and packages that kjerne builds. */
export async function buildAptRepository(
  suite: string,
  debian: string,
  own: readonly string[],
  say: (line: string) => void,
): Promise<AptRepository> {
  const home = await signingKey();
  const directory = await cached("apt", [suite, debian, home, ...own], async (unfinished) => {
    say("indexing and signing the apt repository");
    const index = join(unfinished, "dists", suite);
    await mkdir(join(index, "main/binary-amd64"), { recursive: true });
    await mkdir(join(unfinished, "pool"));
    const packages = [...(await readdir(debian)).map((name) => join(debian, name)), ...own];
    for (const file of packages) await link(file, join(unfinished, "pool", basename(file)));

    const list = await run("apt-ftparchive", ["packages", "pool"], { cwd: unfinished });
    await writeFile(join(index, "main/binary-amd64/Packages"), list);
    const fields = {
      Origin: "kjerne",
      Label: "kjerne",
      Suite: suite,
      Codename: suite,
      Components: "main",
      Architectures: "amd64",
    };
    const options = Object.entries(fields).flatMap(([field, value]) => [
      "-o",
      `APT::FTPArchive::Release::${field}=${value}`,
    ]);
    await writeFile(join(index, "Release"), await run("apt-ftparchive", [...options, "release", index]));
    await sign(home, ["--clearsign", "--output", join(index, "InRelease"), join(index, "Release")]);
    await writeFile(join(unfinished, "kjerne.asc"), await run("gpg", ["--homedir", home, "--armor", "--export"]));
  });
  const list = join(directory, "dists", suite, "main/binary-amd64/Packages");
  return { directory, key: join(directory, "kjerne.asc"), suite, packages: list, debian };
}

/** GnuPG home with the key that signs the repository. Made once for a cache, and never leaves it. */
async function signingKey(): Promise<string> {
  return cached("signing-key", ["ed25519"], async (home) => {
    await chmod(home, 0o700);
    await sign(home, ["--passphrase", "", "--quick-generate-key", "kjerne supply", "ed25519", "sign", "never"]);
  });
}

async function sign(home: string, args: readonly string[]) {
  try {
    await run("gpg", ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback", ...args]);
  } finally {
    await run("gpgconf", ["--homedir", home, "--kill", "gpg-agent"]);
  }
}
