import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { stringify } from "yaml";

/**
 * A pack as one directory that the engine starts without compiling anything. From its sources a pack takes some seconds
 * of processor time at each start, since the SDK has TypeScript check all of them.
 *
 * It is bundled from the sources and written anew for each use: a program that wrote into the directory since, as any
 * program can that runs as the same user, doesn't choose what judges the next run.
 *
 * @param folder Its folder in `policies/`. @default kjerne, which is every pack
 * @returns the directory, below `dist` of the checkout, where the engine finds the SDK in node_modules
 */
export async function builtPack(repository: string, folder = "kjerne"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(repository, "policies", folder, "index.ts")],
    bundle: true,
    platform: "node",
    target: "node20",
    // The engine starts a pack with the SDK in the checkout's node_modules.
    external: ["@pulumi/*"],
    legalComments: "eof",
    write: false,
    logLevel: "silent",
  });
  const runtime = { name: "nodejs", options: { typescript: false } };
  const { name, version } = JSON.parse(await readFile(join(repository, "policies", folder, "package.json"), "utf8"));
  return freshDirectory(repository, "pack", {
    "index.js": outputFiles[0]?.text ?? "",
    "PulumiPolicy.yaml": stringify({ runtime }),
    "package.json": JSON.stringify({ name, version }), // The SDK reads the pack's version from it.
  });
}

/**
 * A directory below `dist` of the checkout with these files and nothing else. Files are replaced in one step each:
 * another run may be reading the same.
 */
export async function freshDirectory(
  repository: string,
  name: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const digest = createHash("sha256").update(JSON.stringify(files)).digest("hex");
  const directory = join(repository, "dist/policies", `${name}-${digest.slice(0, 16)}`);
  await mkdir(directory, { recursive: true });
  for (const [file, text] of Object.entries(files)) {
    const unfinished = join(directory, `${file}.${process.pid}.unfinished`);
    await writeFile(unfinished, text);
    await rename(unfinished, join(directory, file));
  }
  const others = (await readdir(directory)).filter((file) => !(file in files) && !file.endsWith(".unfinished"));
  await Promise.all(others.map((file) => rm(join(directory, file), { recursive: true, force: true })));
  return directory;
}
