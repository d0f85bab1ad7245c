import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import type { Mirror } from "../../node-config/node-files";
import type { PackageSource } from "../../node-config/package-source";
import { nodePackages } from "../../node-config/packages";
import { readRepositories } from "./apt";
import { choosePackages } from "./choose";
import { digestIn } from "./registry";

/** Where nodes install from, and what they need. */
export interface LockSources {
  readonly packages: readonly PackageSource[];
  readonly mirrors: readonly Mirror[];
  /** Certificates in PEM of authorities beside the usual ones. */
  readonly authorities?: string;
  /** Releases, such as "1.36.3" and "3.32.2". */
  readonly kubernetes: string;
  readonly calico: string;
  /** Upstream's names with their tags. */
  readonly images: readonly string[];
}

/** What `supply.index` names: the versions and digests that nodes take. */
export interface Lock {
  /** Of what a cluster is made: its nodes install these versions. */
  readonly packages: Readonly<Record<string, string>>;
  readonly images: Readonly<Record<string, string>>;
  /** Versions of other packages that nodes had when the lock was made. They follow `snapshot`. */
  readonly others: Readonly<Record<string, string>>;
  /** Another one makes another node image: see `NodeImage`. */
  readonly snapshot: string;
}

/** What a lock has, and what repositories have beside it that an operator wants to know. */
export interface Resolved {
  readonly lock: Lock;
  /** A later patch release of Kubernetes that the repositories have. */
  readonly newerKubernetes?: string;
  /** Packages whose version comes from a repository of security updates. */
  readonly security: ReadonlySet<string>;
}

/**
 * Asks the repositories and registries what they really serve.
 *
 * @throws Error with everything that stands in the way
 */
export async function resolve(sources: LockSources, say: (line: string) => void): Promise<Resolved> {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-lock-"));
  try {
    const authorities = join(directory, "authorities.pem");
    await writeFile(authorities, [...rootCertificates, sources.authorities ?? ""].join("\n"));
    say(`reading ${sources.packages.map(({ uri }) => uri).join(", ")}`);
    const repositories = await readRepositories(directory, sources.packages, authorities).catch(told);
    const chosen =
      "problems" in repositories ? repositories : await choosePackages(repositories, nodePackages({}), sources);
    const images: Record<string, string> = {};
    const problems = [...chosen.problems];
    for (const image of [...sources.images].sort()) {
      const mirror = sources.mirrors.find(({ registry }) => image.startsWith(`${registry}/`));
      if (!mirror) {
        problems.push(`${image}: no mirror for its registry is in supply.imageMirrors; add one`);
        continue;
      }
      say(`reading ${image} from ${mirror.mirror}`);
      const digest = await digestIn(mirror.mirror, image, { directory, authorities }).catch(told);
      if (typeof digest === "string") images[image] = digest;
      else problems.push(...digest.problems);
    }
    if (problems.length > 0 || !("packages" in chosen)) throw new Error(problems.join("\n"));
    const { problems: _, newerKubernetes, security, ...packages } = chosen;
    return { lock: { ...packages, images }, security, ...(newerKubernetes ? { newerKubernetes } : {}) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const told = ({ message }: Error) => ({ problems: [message] });
