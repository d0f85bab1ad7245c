import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { build, context } from "esbuild";

const repository = join(__dirname, "../..");

/** Tests of this folder that run without the engine, again and again in this process. */
export interface FastTests {
  /**
   * Builds the tests with the code as it is now, and runs them until one fails.
   *
   * @param instead - a file with another text than on disk
   * @returns the name of the test and its error; undefined if none failed
   * @throws if the code can't be built
   */
  firstFailure(instead?: { readonly path: string; readonly text: string }): Promise<string | undefined>;
  dispose(): Promise<void>;
}

interface Test {
  readonly name: string;
  readonly body: (context: { test(name: string, body: () => unknown): Promise<void> }) => unknown;
}

/**
 * Finds the test files of this folder whose imports reach neither the engine nor the program of the stacks, so that a new one
 * can't be forgotten.
 *
 * @returns name without `.test.ts` → every file that it imports, directly or not, by its path in the repository
 */
export async function findFastTests(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const tests = (await readdir(__dirname))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => join(__dirname, file));
  const { metafile } = await build({
    ...{ entryPoints: tests, absWorkingDir: repository, outdir: "unused", write: false, metafile: true },
    ...{ bundle: true, platform: "node", packages: "external", logLevel: "silent" },
  });
  const imported = (file: string, seen = new Set<string>()): Set<string> => {
    for (const { path, external } of metafile.inputs[file]?.imports ?? []) {
      if (!external && !seen.has(path)) imported(path, seen.add(path));
    }
    return seen;
  };
  const all = tests.map((file) => [nameOf(file), imported(relative(repository, file))] as const);
  const slow = ["tools/engine/engine.ts", "components/cluster/cluster.ts"];
  return new Map(all.filter(([, files]) => !slow.some((file) => files.has(file))));
}

const nameOf = (file: string) => relative(__dirname, file).replace(/\.test\.ts$/, "");

/** @param names - files without `.test.ts` */
export async function makeFastTests(names: readonly string[]): Promise<FastTests> {
  let replaced: Parameters<FastTests["firstFailure"]>[0];
  const bundle = await context({
    stdin: { contents: names.map((name) => `import "./${name}.test";`).join("\n"), resolveDir: __dirname },
    ...{ bundle: true, platform: "node", packages: "external", write: false, logLevel: "silent" },
    plugins: [
      {
        name: "replaced",
        setup: (build) =>
          build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
            const text = path === replaced?.path ? replaced.text : await readFile(path, "utf8");
            // Files that modules read lie beside them, and not beside the bundle.
            return { contents: `const __dirname = ${JSON.stringify(dirname(path))};\n${text}`, loader: "ts" };
          }),
      },
    ],
  });
  /** Name of a test → number of its last failure. The test that failed last runs first. */
  const failures = new Map<string, number>();
  const last = ({ name }: Test) => failures.get(name) ?? 0;
  let count = 0;
  const firstFailure: FastTests["firstFailure"] = async (instead) => {
    replaced = instead;
    const { outputFiles } = await bundle.rebuild();
    let current = "loading";
    try {
      for (const { name, body } of testsIn(outputFiles?.[0]?.text ?? "").sort((a, b) => last(b) - last(a))) {
        current = name;
        await body({ test: async (_, part) => void (await part()) });
      }
      return undefined;
    } catch (error) {
      failures.set(current, ++count);
      return `${current}: ${(error as Error).message}`;
    }
  };
  return { firstFailure, dispose: () => bundle.dispose() };
}

const requireHere = createRequire(__filename);

function testsIn(code: string): Test[] {
  const tests: Test[] = [];
  const runner = { test: (name: string, body: Test["body"]) => tests.push({ name, body }) };
  const load = new Function("require", "module", "exports", code);
  load((name: string) => (name === "node:test" ? runner : requireHere(name)), { exports: {} }, {});
  if (tests.length === 0) throw new Error("there are no tests");
  return tests;
}
