import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { aptSources, type PackageSource } from "../../node-config/package-source";
import { run } from "../run";

/** A version that a repository has, and where. */
export interface Offer {
  readonly version: string;
  /** As apt names it: `https://mirror.example.no/apt bookworm/main amd64 Packages`. */
  readonly source: string;
}

/** What signed repositories hold, as apt itself read it. */
export interface Repositories {
  /** SHA-256 of the signed lists: with any other package it is another one. */
  readonly snapshot: string;
  /** Name → what is offered, the newest first; a name that no repository has is not there. */
  offers(names: readonly string[]): Promise<ReadonlyMap<string, readonly Offer[]>>;
}

/**
 * Has apt fetch the lists of these repositories and check their signatures, in a directory of its own: neither the
 * machine's sources nor its packages are read or changed.
 *
 * @param authorities File with the certificates that https is checked by.
 * @throws Error with apt's own words: no answer, a wrong signature, one that has expired, an unknown authority
 */
export async function readRepositories(
  directory: string,
  sources: readonly PackageSource[],
  authorities: string,
): Promise<Repositories> {
  const lists = join(directory, "lists");
  for (const path of ["lists/partial", "cache/archives/partial", "parts"])
    await mkdir(join(directory, path), { recursive: true });
  await writeFile(join(directory, "status"), "");
  await writeFile(join(directory, "parts/kjerne.sources"), aptSources(sources));
  const options = {
    "Dir::Etc::sourcelist": "/dev/null",
    "Dir::Etc::sourceparts": join(directory, "parts"),
    "Dir::Etc::trusted": "/dev/null",
    "Dir::Etc::trustedparts": "/dev/null",
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "Dir::State::lists": lists,
    "Dir::State::status": join(directory, "status"),
    "Dir::Cache": join(directory, "cache"),
    "Acquire::https::CaInfo": authorities,
    "Acquire::Languages": "none",
    // Whatever this machine's own configuration says, of which only the proxies are wanted.
    "Acquire::Check-Valid-Until": "true",
    "Acquire::Check-Date": "true",
    "Acquire::https::Verify-Peer": "true",
    "Acquire::https::Verify-Host": "true",
    "Acquire::AllowInsecureRepositories": "false",
    "Acquire::AllowWeakRepositories": "false",
    "Acquire::AllowDowngradeToInsecureRepositories": "false",
    "APT::Architecture": "amd64",
    "APT::Architectures": "amd64",
    // Its own user may not read a directory of yours.
    "APT::Sandbox::User": "root",
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  await run("apt-get", [...flags, "update", "--error-on=any"]).catch(refused);
  const signed = (await readdir(lists)).filter((name) => /Release$/.test(name)).sort();
  const hash = createHash("sha256");
  for (const name of signed) hash.update(name).update(await readFile(join(lists, name)));
  return {
    snapshot: hash.digest("hex"),
    offers: async (names) => offersIn(await run("apt-cache", [...flags, "madison", ...names])),
  };
}

/** Lines of `apt-cache madison`: `kubeadm | 1.36.3-1 | https://mirror.example.no/apt bookworm/main amd64 Packages`. */
function offersIn(madison: string): Map<string, Offer[]> {
  const offers = new Map<string, Offer[]>();
  for (const line of madison.split("\n")) {
    const [name, version, source] = line.split("|").map((field) => field.trim());
    if (name && version && source) offers.set(name, [...(offers.get(name) ?? []), { version, source }]);
  }
  return offers;
}

function refused({ code, stderr, message }: NodeJS.ErrnoException & { stderr?: string }): never {
  if (code === "ENOENT")
    throw new Error("apt-get is missing: run this on Debian or Ubuntu, or in a container of theirs");
  const said = (stderr ?? message).split("\n").filter((line) => /^[EW]:/.test(line));
  throw new Error(["apt takes the repositories of supply.packages as they are not:", ...said].join("\n  "));
}
