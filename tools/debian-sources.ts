import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory } from "./cache";
import { run } from "./run";

/** Debian's archive keys, which every Debian machine has. */
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** Packages from backports: bookworm's QEMU 7.2 starts processes in an emulated guest more than three times slower. */
const fromBackports = "src:qemu src:seabios";

/**
 * An apt configuration in the cache: the machine's Debian sources, and backports from the same server. It leaves
 * /etc/apt as it is and does not use other sources that are set up there.
 *
 * @returns Options for apt-get and apt-cache.
 * @throws Error if the machine has no source of Debian 12
 */
export async function privateApt(): Promise<string[]> {
  const directory = join(cacheDirectory, "apt");
  for (const name of ["sources", "lists/partial", "cache/archives/partial"]) {
    await mkdir(join(directory, name), { recursive: true });
  }
  const releases = [...(await debianReleases()).entries()];
  const [base] = releases.find(([, suites]) => suites.has("bookworm")) ?? [];
  if (base === undefined) {
    throw new Error(
      "apt: no source of Debian 12 (bookworm) in /etc/apt; kjerne's lab runs on Debian 12, see https://wiki.debian.org/SourcesList",
    );
  }
  const sources = releases.map(([uri, suites]) =>
    source(uri, [...suites, ...(uri === base ? ["bookworm-backports"] : [])]),
  );
  await writeFile(join(directory, "sources/kjerne.sources"), sources.join("\n"));
  await writeFile(
    join(directory, "preferences"),
    `Package: ${fromBackports}\nPin: release n=bookworm-backports\nPin-Priority: 990\n`,
  );
  return [
    "Dir::Etc::sourcelist=/dev/null",
    `Dir::Etc::sourceparts=${join(directory, "sources")}`,
    `Dir::Etc::preferences=${join(directory, "preferences")}`,
    "Dir::Etc::preferencesparts=/dev/null",
    `Dir::State::lists=${join(directory, "lists")}`,
    `Dir::Cache=${join(directory, "cache")}`,
    // The cache is in a home directory, which apt's own user may not read.
    "APT::Sandbox::User=root",
  ].flatMap((option) => ["-o", option]);
}

/**
 * Sources of another release of Debian, in deb822, from the servers of this machine's own.
 *
 * @param codename Such as `trixie`.
 */
export async function debianSources(codename: string): Promise<string> {
  const releases = [...(await debianReleases()).entries()];
  const named = (suites: Set<string>) => [...suites].map((suite) => suite.replace(/^bookworm/, codename));
  return releases.map(([uri, suites]) => source(uri, named(suites))).join("\n");
}

/** The machine's sources of Debian, in either format of /etc/apt: URI → suites. */
async function debianReleases(): Promise<Map<string, Set<string>>> {
  const releases = new Map<string, Set<string>>();
  const listed = await run("apt-get", ["update", "--print-uris"]);
  for (const [, uri = "", suite = ""] of listed.matchAll(/^'(.+)\/dists\/(bookworm[a-z-]*)\/InRelease'/gm)) {
    if (suite !== "bookworm-backports") releases.set(uri, (releases.get(uri) ?? new Set()).add(suite));
  }
  return releases;
}

function source(uri: string, suites: readonly string[]): string {
  const fields = { Types: "deb", URIs: uri, Suites: suites.join(" "), Components: "main", "Signed-By": keyring };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join("");
}
