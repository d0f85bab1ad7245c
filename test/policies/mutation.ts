import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type BuildContext, context, type Plugin } from "esbuild";
import * as ts from "typescript";

/**
 * Breaks the rules of a pack in one place after another and runs their fast tests on each; what no test notices is
 * printed. All of it in one process, so that it takes minutes.
 * `node --import tsx test/policies/mutation.ts residency residency-fields.test.ts`
 */
const repository = join(__dirname, "../..");
const [pack = "residency", suite = "residency-fields.test.ts"] = process.argv.slice(2);

interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The one file that is not as it lies on disk. */
const changed = { file: "", text: "" };

async function main(): Promise<void> {
  const bundle = await context({
    entryPoints: [join(__dirname, suite)],
    bundle: true,
    platform: "node",
    packages: "external",
    write: false,
    logLevel: "silent",
    plugins: [mutated],
  });
  try {
    const broken = await firstFailure(bundle);
    if (broken) throw new Error(`${suite} fails without a mutation: ${broken}`);
    await mutateAll(bundle);
  } finally {
    await bundle.dispose();
  }
}

async function mutateAll(bundle: BuildContext): Promise<void> {
  let [killed, survived] = [0, 0];
  const directory = join(repository, "policies", pack);
  for (const name of (await readdir(directory)).filter((file) => file.endsWith(".ts") && file !== "index.ts")) {
    const original = await readFile(join(directory, name), "utf8");
    changed.file = join(directory, name);
    for (const mutant of mutants(ts.createSourceFile(name, original, ts.ScriptTarget.ES2022, true))) {
      changed.text = original.slice(0, mutant.start) + mutant.text + original.slice(mutant.end);
      if (await firstFailure(bundle)) killed++;
      else {
        survived++;
        const line = original.slice(0, mutant.start).split("\n").length;
        console.log(`survived: ${name}:${line} ${original.slice(mutant.start, mutant.end)} → ${mutant.text}`);
      }
    }
  }
  console.log(`${killed} of ${killed + survived} mutants were noticed`);
}

const mutated: Plugin = {
  name: "mutated",
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) =>
      path === changed.file ? { contents: changed.text, loader: "ts" } : undefined,
    );
  },
};

type TestBody = (context: { test(name: string, body: () => unknown): Promise<void> }) => unknown;

/** Builds the suite as it is now and runs its tests until one fails; the message of that. */
async function firstFailure(bundle: BuildContext): Promise<string | undefined> {
  const bodies: TestBody[] = [];
  const requireHere = createRequire(__filename);
  const testRunner = { test: (_: string, body: TestBody) => bodies.push(body) };
  try {
    const { outputFiles } = await bundle.rebuild();
    const load = new Function("require", "module", "exports", outputFiles?.[0]?.text ?? "");
    load((name: string) => (name === "node:test" ? testRunner : requireHere(name)), { exports: {} }, {});
    if (bodies.length === 0) throw new Error("it has no tests");
    for (const body of bodies) await body({ test: async (_, part) => void (await part()) });
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Comparisons and connections turned round, conditions fixed, lists emptied. Words for people are left alone. */
function mutants(source: ts.SourceFile): Mutant[] {
  const found: Mutant[] = [];
  const replace = (node: ts.Node, text: string) => found.push({ start: node.getStart(), end: node.getEnd(), text });
  const visit = (node: ts.Node): void => {
    if (ts.isBinaryExpression(node)) {
      const other = turned[node.operatorToken.getText()];
      if (other) replace(node.operatorToken, other);
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken) {
      replace(node, node.operand.getText());
    }
    if (ts.isIfStatement(node)) for (const fixed of ["true", "false"]) replace(node.expression, fixed);
    if (ts.isConditionalExpression(node)) for (const fixed of ["true", "false"]) replace(node.condition, fixed);
    if (node.kind === ts.SyntaxKind.TrueKeyword) replace(node, "false");
    if (node.kind === ts.SyntaxKind.FalseKeyword) replace(node, "true");
    if (ts.isSpreadElement(node)) replace(node.expression, "[]");
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const turned: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "&&": "||",
  "||": "&&",
  "<": "<=",
  ">": ">=",
  "<=": "<",
  ">=": ">",
};

main().catch((error) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
