import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import { build } from "esbuild";
import { stringify } from "yaml";
import { cached } from "../cache";
import type { Pack } from "./packs";

/**
 * A directory that the engine starts as a pack without compiling anything: from its sources each start of a pack costs
 * seven seconds of processor time, for the SDK has TypeScript check all of them. The built pack runs in the directory of
 * its sources, so paths in its parameters mean the same.
 *
 * @returns the directory; built once for each state of the sources and of the libraries
 */
export async function builtPack({ folder, directory }: Pick<Pack, "folder" | "directory">): Promise<string> {
  const repository = join(directory, "../..");
  const sources = [
    ...(await filesBelow(join(directory, ".."), ".ts")),
    join(repository, "package-lock.json"),
    __filename,
  ];
  const texts = await Promise.all(sources.map((file) => readFile(file, "utf8")));
  return cached(`pack-${folder}`, [...sources, ...texts], async (out) => {
    await build({
      entryPoints: [join(directory, "index.ts")],
      outfile: join(out, "index.js"),
      bundle: true,
      platform: "node",
      target: "node20",
      // The engine starts a pack with the SDK that its node_modules hold.
      external: ["@pulumi/*"],
      banner: { js: `process.chdir(${JSON.stringify(directory)});` },
      legalComments: "eof",
      logLevel: "silent",
    });
    const runtime = { name: "nodejs", options: { typescript: false } };
    await writeFile(join(out, "PulumiPolicy.yaml"), stringify({ runtime }));
    await symlink(join(repository, "node_modules"), join(out, "node_modules"));
  });
}

async function filesBelow(directory: string, ending: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  return names
    .filter((name) => name.endsWith(ending) && !name.split(sep).includes("node_modules"))
    .sort()
    .map((name) => join(directory, name));
}
