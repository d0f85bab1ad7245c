import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { context, type Plugin } from "esbuild";
import { type Mutant, mutantsOf } from "./mutants";

/**
 * Breaks rules in one place after another and runs their fast tests on each:
 * `node --import tsx test/policies/mutation.ts network [network/bgp.ts …]`
 *
 * What no test notices has to stand in `survivors.json`, with the reason why it may live, and what stands there has to
 * survive. Anything else is an error.
 *
 * Stryker was considered. It runs node:test by a process for each test file and mutant, and two seconds of each are tsx
 * and the SDK being loaded. Here all is one process, and a mutant takes some hundredths of a second.
 */
const policies = join(__dirname, "../../policies");

/** The tests that need no engine, by what they are about. What packs share is tested by all of them. */
const suites: Readonly<Record<string, readonly string[]>> = {
  shared: ["judge", "documents", "objects", "exception-terms", "engine-resource"],
  residency: [
    "residency-others",
    "residency-telemetry",
    "residency-transfers",
    "residency-particulars",
    "residency-fields",
  ],
  network: rules("bgp", "default-deny", "egress", "encapsulation", "exposure", "kube-proxy", "network"),
  hardening: rules(
    "ssh",
    "command-secrets",
    "join",
    "encryption",
    "audit-log",
    "kubeadm",
    "access",
    "images",
    "hardening",
  ),
};
function rules(...names: readonly string[]): string[] {
  return names.map((name) => `${name}-rules`);
}
const shared = ["judge.ts", "rule.ts", "reading.ts", "exceptions.ts", "engine-resource.ts", "kubernetes"];

/** The one file that is not as it lies on disk. */
const changed = { path: "", text: "" };

async function main([target = "", ...only]: readonly string[]): Promise<void> {
  if (!suites[target]) throw new Error(`say what to break: ${Object.keys(suites).join(", ")}`);
  const tests = await makeTests(target === "shared" ? Object.values(suites).flat() : (suites[target] ?? []));
  try {
    const broken = await tests.firstFailure();
    if (broken) throw new Error(`the tests fail without a mutation: ${broken}`);
    const files = only.length > 0 ? only : await filesOf(target === "shared" ? shared : [target]);
    const [survivors, count] = await breakAll(files, tests);
    changed.path = "";
    if (await tests.firstFailure()) throw new Error("the tests fail now without a mutation: somebody edited meanwhile");
    await report(survivors, count, files);
  } finally {
    await tests.dispose();
  }
}

async function filesOf(code: readonly string[]): Promise<string[]> {
  const within = async (name: string) =>
    name.endsWith(".ts") ? [name] : (await readdir(join(policies, name))).map((file) => `${name}/${file}`);
  return (await Promise.all(code.map(within)))
    .flat()
    .filter((file) => file.endsWith(".ts") && !file.endsWith("/index.ts"));
}

async function breakAll(files: readonly string[], tests: Tests): Promise<[survivors: Mutant[], count: number]> {
  const survivors: Mutant[] = [];
  let count = 0;
  for (const file of files) {
    const text = await readFile(join(policies, file), "utf8");
    changed.path = join(policies, file);
    for (const mutant of mutantsOf(file, text)) {
      changed.text = text.slice(0, mutant.start) + mutant.text + text.slice(mutant.end);
      if (!(await tests.firstFailure())) survivors.push(mutant);
      count++;
    }
  }
  return [survivors, count];
}

/** Tells what differs from the list of those that may live. */
async function report(survivors: readonly Mutant[], count: number, files: readonly string[]): Promise<void> {
  const listed: { place: string; change: string; why: string }[] = JSON.parse(
    await readFile(join(__dirname, "survivors.json"), "utf8"),
  );
  const about = listed.filter(({ place }) => files.some((file) => place === file || place.startsWith(`${file} `)));
  const isSame = (a: { place: string; change: string }) => (b: typeof a) =>
    a.place === b.place && a.change === b.change;
  const unexplained = survivors.filter((mutant) => !about.some(isSame(mutant)));
  const gone = about.filter((one) => !survivors.some(isSame(one)));
  for (const { place, change } of unexplained) console.log(`survived: ${place}: ${change}`);
  for (const { place, change } of gone)
    console.log(`survives no more, take it out of survivors.json: ${place}: ${change}`);
  console.log(
    `${count} mutants: ${count - survivors.length} noticed, ${survivors.length - unexplained.length} may live, ${unexplained.length} unexplained`,
  );
  if (unexplained.length + gone.length > 0) process.exitCode = 1;
}

interface Tests {
  /** Builds them as the code is now and runs them until one fails; the message of that. */
  firstFailure(): Promise<string | undefined>;
  dispose(): Promise<void>;
}

type TestBody = (context: { test(name: string, body: () => unknown): Promise<void> }) => unknown;

async function makeTests(names: readonly string[]): Promise<Tests> {
  const contents = names.map((name) => `import "./${name}.test";`).join("\n");
  const bundle = await context({
    stdin: { contents, resolveDir: __dirname },
    ...{ bundle: true, platform: "node", packages: "external", write: false, logLevel: "silent" },
    plugins: [mutated],
  });
  const requireHere = createRequire(__filename);
  /** What failed last is tried first. */
  const failures = new Map<string, number>();
  const firstFailure = async () => {
    const tests: { name: string; body: TestBody }[] = [];
    const runner = { test: (name: string, body: TestBody) => tests.push({ name, body }) };
    let current = "";
    try {
      const { outputFiles } = await bundle.rebuild();
      const load = new Function("require", "module", "exports", "__dirname", outputFiles?.[0]?.text ?? "");
      load((name: string) => (name === "node:test" ? runner : requireHere(name)), { exports: {} }, {}, __dirname);
      if (tests.length === 0) throw new Error("there are no tests");
      const last = ({ name }: { name: string }) => failures.get(name) ?? 0;
      for (const { name, body } of tests.sort((a, b) => last(b) - last(a))) {
        current = name;
        await body({ test: async (_, part) => void (await part()) });
      }
      return undefined;
    } catch (error) {
      failures.set(current, failures.size > 0 ? Math.max(...failures.values()) + 1 : 1);
      return `${current}: ${(error as Error).message}`;
    }
  };
  return { firstFailure, dispose: () => bundle.dispose() };
}

const mutated: Plugin = {
  name: "mutated",
  setup: (build) =>
    build.onLoad({ filter: /\.ts$/ }, ({ path }) =>
      path === changed.path ? { contents: changed.text, loader: "ts" } : undefined,
    ),
};

main(process.argv.slice(2)).catch((error) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
