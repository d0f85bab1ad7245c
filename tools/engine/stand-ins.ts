import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { cached } from "../cache";

const sources = {
  "pulumi-language-nodejs": "language-host/index.ts",
  "pulumi-resource-command": "command/index.ts",
  "pulumi-resource-random": "random/index.ts",
} as const;

export type StandIn = keyof typeof sources;

/**
 * Bundles a stand-in and the libraries it uses into one executable file for Node.js. As one file it starts in a fifth
 * of a second; the engine waits ten seconds for a language host.
 *
 * @returns path of the file
 */
export async function buildStandIn(name: StandIn): Promise<string> {
  const bundle = await build({
    entryPoints: [join(__dirname, sources[name])],
    bundle: true,
    platform: "node",
    target: "node20",
    // Native modules that make ssh2 faster; it works without them.
    external: ["*.node", "cpu-features"],
    banner: { js: "#!/usr/bin/env node" },
    legalComments: "eof",
    write: false,
    logLevel: "silent",
  });
  const text = bundle.outputFiles[0]?.text ?? "";
  const directory = await cached(name, [text], async (out) => {
    await writeFile(join(out, name), text);
    await chmod(join(out, name), 0o755);
  });
  return join(directory, name);
}

/** The version of a provider's installed SDK: the engine looks for a plugin of exactly this version. */
export async function sdkVersion(provider: string): Promise<string> {
  const path = require.resolve(`@pulumi/${provider}/package.json`);
  return (JSON.parse(await readFile(path, "utf8")) as { version: string }).version;
}
