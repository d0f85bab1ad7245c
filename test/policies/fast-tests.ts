import { createRequire } from "node:module";
import { context } from "esbuild";

/** Tests of this directory that need no engine, run in this process again and again. */
export interface FastTests {
  /**
   * Builds them and the code as it is now, and runs them until one fails.
   *
   * @param instead - a file that is not as it lies on disk
   * @returns what failed; undefined where nothing did
   * @throws what can't be built
   */
  firstFailure(instead?: { readonly path: string; readonly text: string }): Promise<string | undefined>;
  dispose(): Promise<void>;
}

interface Test {
  readonly name: string;
  readonly body: (context: { test(name: string, body: () => unknown): Promise<void> }) => unknown;
}

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
          build.onLoad({ filter: /\.ts$/ }, ({ path }) =>
            path === replaced?.path ? { contents: replaced.text, loader: "ts" } : undefined,
          ),
      },
    ],
  });
  /** What failed lately is tried first, under its name and the number of its failure. */
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
  const load = new Function("require", "module", "exports", "__dirname", code);
  load((name: string) => (name === "node:test" ? runner : requireHere(name)), { exports: {} }, {}, __dirname);
  if (tests.length === 0) throw new Error("there are no tests");
  return tests;
}
