import { createHash } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { cached } from "../cache";
import { run } from "../run";

/** A Debian package: a tree of our own (`packages/<name>/`, with its DEBIAN/ scripts), programs and links. */
export interface DebRecipe {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly depends?: readonly string[];
  /** Path in the package → file that becomes it, executable. */
  readonly programs?: Readonly<Record<string, string>>;
  /** Path in the package → what the symbolic link there points to. */
  readonly links?: Readonly<Record<string, string>>;
}

const trees = join(__dirname, "packages");

/** Builds the package; returns the path of the .deb. The same inputs give the same bytes. */
export async function buildDeb(recipe: DebRecipe, say: (line: string) => void): Promise<string> {
  const tree = await readTree(join(trees, recipe.name));
  const control = controlFile(recipe);
  const inputs = [control, JSON.stringify([tree, recipe.programs, recipe.links])];
  const directory = await cached(`deb-${recipe.name}-${recipe.version}`, inputs, async (unfinished) => {
    say(`package ${recipe.name} ${recipe.version}`);
    const root = join(unfinished, "root");
    await mkdir(join(root, "DEBIAN"), { recursive: true });
    if (tree.length > 0) await run("cp", ["--recursive", "--preserve=mode", `${join(trees, recipe.name)}/.`, root]);
    await writeFile(join(root, "DEBIAN/control"), control);
    for (const [path, file] of Object.entries(recipe.programs ?? {})) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await link(file, join(root, path));
    }
    for (const [path, target] of Object.entries(recipe.links ?? {})) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await symlink(target, join(root, path));
    }
    await run("chmod", ["--recursive", "u=rwX,go=rX", root]);
    const deb = join(unfinished, fileName(recipe));
    // Level 1: packages are unpacked on the machine that builds them, so time matters more than size.
    const build = ["--root-owner-group", "-Zgzip", "-z1", "--build", root, deb];
    await run("dpkg-deb", build, { env: { SOURCE_DATE_EPOCH: "0" } });
    await rm(root, { recursive: true });
  });
  return join(directory, fileName(recipe));
}

const fileName = ({ name, version }: DebRecipe) => `${name}_${version}_amd64.deb`;

function controlFile({ name, version, description, depends = [] }: DebRecipe) {
  const fields: Record<string, string> = {
    Package: name,
    Version: version,
    Architecture: "amd64",
    Maintainer: "kjerne <kjerne@localhost>",
    Section: "admin",
    Priority: "optional",
    ...(depends.length > 0 && { Depends: depends.join(", ") }),
    Description: description,
  };
  return `${Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}`)
    .join("\n")}\n`;
}

/** Path and digest of each file of a tree; empty if there is no tree. */
async function readTree(root: string): Promise<[string, string][]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch((problem) => {
    if (problem.code === "ENOENT") return [];
    throw problem;
  });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const digest = async (path: string) =>
    createHash("sha256")
      .update(await readFile(path))
      .digest("hex");
  return Promise.all(
    paths.sort().map(async (path): Promise<[string, string]> => [relative(root, path), await digest(path)]),
  );
}
