import { createHash } from "node:crypto";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { versions } from "../../node-config/versions";
import { cached } from "../cache";
import { type AptRepository, buildAptRepository } from "./apt-repository";
import { calicoFiles } from "./calico-files";
import { buildDeb } from "./deb";
import { downloadDebian } from "./debian";
import { buildGoModule } from "./go-module";
import { buildImage, fillRegistry, type Image, type ImageRecipe, type ImageTools } from "./image";
import { debianPackages } from "./recipes/debian-packages";
import {
  agnhostImage,
  calicoImages,
  kubernetesImages,
  metallbImage,
  metricsServerImage,
  userlandPackages,
} from "./recipes/images";
import * as modules from "./recipes/modules";
import { commonPackages, kubernetesPackages } from "./recipes/packages";
import { registryCommand } from "./registry";
import { buildUserland } from "./userland";

/** Content of `supply.json`. */
export interface SupplyIndex {
  /** Suite of the apt repository. */
  readonly suite: string;
  /** Packages that kjerne builds: name → version; with several Kubernetes releases, that of the first. */
  readonly packages: Readonly<Record<string, string>>;
  /** SHA-256 of the index of the apt repository: with any other package, or another version, it is another one. */
  readonly snapshot: string;
  /** Upstream name of an image → digest. The registry has it under the same name without the upstream host. */
  readonly images: Readonly<Record<string, string>>;
  /** Manifest in `manifests/` → SHA-256 of the file. */
  readonly manifests: Readonly<Record<string, string>>;
}

/** Packages, images and manifests for nodes without internet access, in one directory of the cache. */
export interface Supply {
  /** Holds `apt/`, `registry/`, `manifests/`, `kjerne.asc` (the public key of the repository) and `supply.json`. */
  readonly directory: string;
  readonly index: SupplyIndex;
  /** Program that serves the images. */
  readonly registry: string;
}

type Say = (line: string) => void;

/**
 * Builds the supply, as far as the cache does not have it.
 *
 * @param releases Kubernetes releases to hold. @default the default release of versions.yaml
 * @param debian Release of Debian that nodes have. Images are made of `versions.debian` whatever they have.
 */
export async function ensureSupply(
  say: Say,
  releases: readonly string[] = [versions.default],
  debian = versions.debian,
): Promise<Supply> {
  const tools = await buildImageTools(say);
  const calico = await buildGoModule(modules.calico, say);
  const kubernetes = new Map<string, string>();
  for (const release of releases) kubernetes.set(release, await buildGoModule(modules.kubernetes(release), say));

  const debs = await buildPackages();
  const userland = await buildUserland(await repositoryOf(versions.debian), userlandPackages, say);
  const files = await calicoFiles();
  const images = await buildImages();
  const storage = await fillRegistry(images, tools, say);
  return assemble(await repositoryOf(debian), debs, images, storage, files.manifest, tools.registry);

  async function repositoryOf(codename: string): Promise<AptRepository> {
    return buildAptRepository(codename, await downloadDebian(debianPackages(codename), say, codename), debs, say);
  }

  async function buildPackages() {
    const containerd = await buildGoModule(modules.containerd, say);
    const criTools = await buildGoModule(modules.criTools, say);
    const recipes = [...kubernetes].flatMap(([release, programs]) => kubernetesPackages(release, programs));
    return Promise.all(
      [...recipes, ...commonPackages({ containerd, criTools, calico })].map((recipe) => buildDeb(recipe, say)),
    );
  }

  async function buildImages() {
    const recipes: ImageRecipe[] = [...calicoImages(calico, files.node, userland)];
    for (const [version, programs] of kubernetes) {
      const release = modules.releaseOf(version);
      const etcd = await buildGoModule(modules.etcd(release.etcd), say);
      const coredns = await buildGoModule(modules.coredns(release.coredns), say);
      const pause = await buildGoModule(modules.pause, say);
      recipes.push(...kubernetesImages(version, release, { kubernetes: programs, etcd, coredns, pause, userland }));
    }
    recipes.push(agnhostImage([...kubernetes.values()][0] as string, userland));
    recipes.push(metricsServerImage(await buildGoModule(modules.metricsServer, say)));
    recipes.push(metallbImage(await buildGoModule(modules.metallb, say)));
    const images: Image[] = [];
    for (const recipe of recipes) images.push(await buildImage(recipe, tools, say));
    return images;
  }
}

async function buildImageTools(say: Say): Promise<ImageTools> {
  const directory = await buildGoModule(modules.imageTools, say);
  return { crane: join(directory, "crane"), registry: join(directory, "registry") };
}

async function assemble(
  { directory: apt, key, suite, packages: list }: AptRepository,
  debs: readonly string[],
  images: readonly Image[],
  storage: string,
  manifest: string,
  registry: string,
): Promise<Supply> {
  const packages: Record<string, string> = {};
  for (const deb of debs) {
    const [name, version] = (deb.split("/").at(-1) as string).split("_") as [string, string];
    packages[name] ??= version;
  }
  const sha256 = async (file: string) =>
    createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
  const digests = Object.fromEntries(images.map(({ name, digest }) => [name, digest]));
  const index: SupplyIndex = {
    suite,
    packages,
    snapshot: await sha256(list),
    images: digests,
    manifests: { "calico.yaml": await sha256(manifest) },
  };
  const directory = await cached("supply", [apt, storage, manifest, JSON.stringify(index)], async (unfinished) => {
    const parts = { apt, registry: storage, "kjerne.asc": key, manifests: join(manifest, "..") };
    for (const [name, target] of Object.entries(parts)) await symlink(target, join(unfinished, name));
    await writeFile(join(unfinished, "supply.json"), `${JSON.stringify(index, null, 2)}\n`);
  });
  return { directory, index, registry };
}

/** A server of the supply: a process that stays in the foreground and listens on a port of its own. */
export interface SupplyServer {
  readonly name: string;
  readonly argv: readonly string[];
}

/** The servers that give nodes the supply: apt over HTTP on port 80, the image registry on port 5000 of `address`. */
export function supplyServers({ directory, registry }: Supply, address: string): SupplyServer[] {
  const apt = ["python3", "-m", "http.server", "80", "--bind", address, "--directory", join(directory, "apt")];
  const images = registryCommand(registry, `${address}:5000`, join(directory, "registry"), "serve");
  return [
    { name: "apt", argv: apt },
    { name: "registry", argv: images },
  ];
}
