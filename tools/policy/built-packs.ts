import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { stringify } from "yaml";
import { cached } from "../cache";
import type { Pack } from "./packs";

/**
 * A directory that the engine starts as a pack without compiling it: from its sources a pack takes some seconds of
 * processor time to start, each time, since the SDK lets TypeScript check all of them. The built pack runs in the
 * directory of its sources, so that paths in its parameters mean the same.
 *
 * @returns the directory, below `dist` of the pack's checkout; built once for each state of the sources and libraries
 */
export async function builtPack({ folder, directory }: Pick<Pack, "folder" | "directory">): Promise<string> {
  const policies = join(directory, "..");
  const repository = join(policies, "..");
  const packs = join(repository, "dist/policies");
  const names = (await readdir(policies, { recursive: true })).filter((name) => name.endsWith(".ts"));
  const sources = [
    ...names.sort().map((name) => join(policies, name)),
    join(repository, "package-lock.json"),
    __filename,
  ];
  const texts = await Promise.all(sources.map((file) => readFile(file, "utf8")));

  const fill = async (out: string) => {
    await build({
      entryPoints: [join(directory, "index.ts")],
      outfile: join(out, "index.js"),
      bundle: true,
      platform: "node",
      target: "node20",
      // The engine starts a pack with the SDK in the checkout's node_modules.
      external: ["@pulumi/*"],
      banner: {
        js: `process.chdir(require("node:path").join(__dirname, ${JSON.stringify(relative(join(packs, "_"), directory))}));`,
      },
      legalComments: "eof",
      logLevel: "silent",
    });
    const runtime = { name: "nodejs", options: { typescript: false } };
    await writeFile(join(out, "PulumiPolicy.yaml"), stringify({ runtime }));
  };
  return cached(folder, [...names, ...texts], fill, packs);
}
