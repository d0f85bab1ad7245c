import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { stringify } from "yaml";
import { cached } from "../../tools/cache";

/**
 * A pack as one directory that the engine starts without compiling anything. From its sources a pack takes some seconds
 * of processor time at each start, since the SDK has TypeScript check all of them. It runs in the directory of its
 * sources, so that paths in parameters mean the same.
 *
 * @param folder Its folder in `policies/`. @default kjerne, which is every pack
 * @returns the directory, below `dist` of the checkout; built once for each state of the sources and libraries
 */
export async function builtPack(repository: string, folder = "kjerne"): Promise<string> {
  const policies = join(repository, "policies");
  const names = (await readdir(policies, { recursive: true })).filter((name) => name.endsWith(".ts")).sort();
  const sources = [...names.map((name) => join(policies, name)), join(repository, "package-lock.json"), __filename];
  const texts = await Promise.all(sources.map((file) => readFile(file, "utf8")));

  const fill = async (out: string) => {
    await build({
      entryPoints: [join(policies, folder, "index.ts")],
      outfile: join(out, "index.js"),
      bundle: true,
      platform: "node",
      target: "node20",
      // The engine starts a pack with the SDK in the checkout's node_modules.
      external: ["@pulumi/*"],
      banner: { js: `process.chdir(require("node:path").join(__dirname, "../../../policies/${folder}"));` },
      legalComments: "eof",
      logLevel: "silent",
    });
    const runtime = { name: "nodejs", options: { typescript: false } };
    await writeFile(join(out, "PulumiPolicy.yaml"), stringify({ runtime }));
  };
  return cached("packs", [folder, ...names, ...texts], fill, join(repository, "dist/policies"));
}
