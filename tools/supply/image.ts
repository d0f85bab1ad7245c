import { cp, link, mkdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cached } from "../cache";
import { run } from "../run";
import { withRegistry } from "./registry";

/** A container image: an optional userland, files over it, and how it starts. */
export interface ImageRecipe {
  /** Name that manifests use, with registry and tag. */
  readonly name: string;
  /** Tar archive of the layer below, for programs that need a userland. */
  readonly userland?: string;
  /** Path in the image → file or directory of the cache that it comes from. All are readable and executable. */
  readonly files: Readonly<Record<string, string>>;
  /** Path in the image → what the symbolic link there points to. */
  readonly links?: Readonly<Record<string, string>>;
  /** Directories that any user may write to. */
  readonly writable?: readonly string[];
  readonly entrypoint?: string;
  readonly command?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** @default root */
  readonly user?: string;
  readonly workingDirectory?: string;
}

export interface Image {
  readonly name: string;
  readonly digest: string;
  /** Directory with the image in OCI layout. */
  readonly layout: string;
}

/** Programs that build and store images. */
export interface ImageTools {
  readonly crane: string;
  readonly registry: string;
}

const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Builds the image. The same inputs give the same digest: no times, no owners, names in order. */
export async function buildImage(
  recipe: ImageRecipe,
  { crane, registry }: ImageTools,
  say: (line: string) => void,
): Promise<Image> {
  const directory = await cached("image", [JSON.stringify(recipe)], async (unfinished) => {
    say(`image ${recipe.name}`);
    const layer = join(unfinished, "layer.tar");
    await writeLayer(recipe, join(unfinished, "root"), layer);
    await withRegistry(registry, join(unfinished, "storage"), "fill", async (address) => {
      const image = `${address}/image:built`;
      const layers = [recipe.userland, layer].flatMap((file) => (file ? ["--new_layer", file] : []));
      await run(crane, ["append", "--oci-empty-base", ...layers, "--new_tag", image]);
      await run(crane, ["mutate", image, "--tag", image, "--set-platform", "linux/amd64", ...startOptions(recipe)]);
      await run(crane, ["pull", "--format=oci", image, join(unfinished, "layout")]);
    });
    for (const name of ["root", "storage", "layer.tar"]) await rm(join(unfinished, name), { recursive: true });
  });
  const layout = join(directory, "layout");
  const index = JSON.parse(await readFile(join(layout, "index.json"), "utf8"));
  return { name: recipe.name, digest: index.manifests[0].digest, layout };
}

function startOptions({ entrypoint, command, environment, user, workingDirectory }: ImageRecipe): string[] {
  const variables = Object.entries({ PATH: path, ...environment });
  return [
    ...variables.flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...(entrypoint ? ["--entrypoint", entrypoint] : []),
    ...(command ? ["--cmd", command] : []),
    ...(user ? ["--user", user] : []),
    ...(workingDirectory ? ["--workdir", workingDirectory] : []),
  ];
}

async function writeLayer({ files, links = {}, writable = [] }: ImageRecipe, root: string, layer: string) {
  await mkdir(root);
  for (const [target, source] of Object.entries(files)) {
    await mkdir(dirname(join(root, target)), { recursive: true });
    if ((await stat(source)).isDirectory()) await cp(source, join(root, target), { recursive: true });
    else await link(source, join(root, target));
  }
  for (const [target, pointsTo] of Object.entries(links)) {
    await mkdir(dirname(join(root, target)), { recursive: true });
    await symlink(pointsTo, join(root, target));
  }
  const everywhere = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
  const archive = (...args: string[]) => run("tar", ["--file", layer, "--format=gnu", ...everywhere, ...args]);
  await archive("--create", "--mode=u=rwx,go=rx", "--directory", root, ".");
  for (const target of writable) {
    await mkdir(join(root, target), { recursive: true });
    await archive("--append", "--mode=1777", "--directory", root, `.${target}`);
  }
}

/**
 * Puts images into one registry. Each has the repository name that it has upstream (`registry.k8s.io/pause` is
 * `pause`), so containerd can use the registry as a mirror without rewriting paths.
 *
 * @returns the registry's storage directory
 * @throws Error if images of two upstream registries have the same repository name
 */
export async function fillRegistry(
  images: readonly Image[],
  { crane, registry }: ImageTools,
  say: (line: string) => void,
): Promise<string> {
  const owners = new Map<string, string>();
  for (const { name } of images) {
    const [upstream, repository] = splitName(name);
    const owner = owners.get(repository) ?? upstream;
    if (owner !== upstream)
      throw new Error(
        `supply: ${repository} comes from ${owner} and ${upstream}; one registry can only stand for one of them`,
      );
    owners.set(repository, owner);
  }
  const inputs = images.map(({ name, digest }) => `${name}@${digest}`);
  const directory = await cached("registry", inputs, async (unfinished) => {
    say("filling the image registry");
    await withRegistry(registry, join(unfinished, "storage"), "fill", async (address) => {
      for (const { name, layout } of images) await run(crane, ["push", layout, name.replace(/^[^/]+/, address)]);
    });
  });
  return join(directory, "storage");
}

/** "registry.k8s.io/coredns/coredns:v1" → ["registry.k8s.io", "coredns/coredns"]. */
function splitName(name: string): [upstream: string, repository: string] {
  const [upstream, ...path] = name.split("/") as [string, ...string[]];
  return [upstream, path.join("/").replace(/:[^:]*$/, "")];
}
