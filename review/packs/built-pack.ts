import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { stringify } from "yaml";
import { cached } from "../../tools/cache";

/**
 * Packs of one checkout as one directory that the engine starts without compiling anything: from its sources a pack takes
 * some seconds of processor time to start, each time, since the SDK lets TypeScript check all of them. It runs in the
 * directory of a pack's sources, so that paths in parameters mean the same.
 *
 * @returns the directory, below `dist` of the checkout; built once for each state of the sources and libraries
 */
export async function builtPack(packs: readonly { readonly folder: string }[], repository: string): Promise<string> {
  const policies = join(repository, "policies");
  const names = (await readdir(policies, { recursive: true })).filter((name) => name.endsWith(".ts")).sort();
  const sources = [...names.map((name) => join(policies, name)), join(repository, "package-lock.json"), __filename];
  const texts = await Promise.all(sources.map((file) => readFile(file, "utf8")));
  const folders = packs.map(({ folder }) => folder);

  const fill = async (out: string) => {
    await build({
      stdin: { contents: entry(folders), resolveDir: policies, loader: "ts" },
      outfile: join(out, "index.js"),
      bundle: true,
      platform: "node",
      target: "node20",
      // The engine starts a pack with the SDK in the checkout's node_modules.
      external: ["@pulumi/*"],
      banner: { js: `process.chdir(require("node:path").join(__dirname, "../../../policies/${folders[0]}"));` },
      legalComments: "eof",
      logLevel: "silent",
    });
    const runtime = { name: "nodejs", options: { typescript: false } };
    await writeFile(join(out, "PulumiPolicy.yaml"), stringify({ runtime }));
  };
  return cached("packs", [...folders, ...names, ...texts], fill, join(repository, "dist/policies"));
}

/** What a pack's `index.ts` does, for all of them. */
function entry(folders: readonly string[]): string {
  return `
    import { PolicyPack } from "@pulumi/policy";
    import { packOf } from "./pack";
    import { together } from "./together";
    ${folders.map((folder, i) => `import { rules as rules${i} } from "./${folder}/rules"; import { parameters as parameters${i} } from "./${folder}/parameters";`).join("\n")}
    new PolicyPack("kjerne", together({ ${folders.map((folder, i) => `"${folder}": packOf(rules${i}, parameters${i})`).join(", ")} }));
  `;
}
