import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ts from "typescript";

/**
 * Breaks the rules of a pack in one place after another and runs their fast tests on each: what no test notices is
 * printed. `node --import tsx test/policies/mutation.ts residency test/policies/residency-fields.test.ts`
 */
const repository = join(__dirname, "../..");
const [pack = "residency", suite = "test/policies/residency-fields.test.ts"] = process.argv.slice(2);

interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

async function main(): Promise<void> {
  const copy = await mkdtemp(join(tmpdir(), "kjerne-mutation-"));
  try {
    for (const folder of ["policies", "test/policies", "test/engine", "tools"]) {
      await cp(join(repository, folder), join(copy, folder), { recursive: true });
    }
    for (const file of ["node_modules", "package.json", "tsconfig.json"]) {
      await symlink(join(repository, file), join(copy, file));
    }
    if (!(await passes(copy))) throw new Error(`${suite} fails without a mutation; mend it first`);
    await mutateAll(copy);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

async function mutateAll(copy: string): Promise<void> {
  let [killed, survived] = [0, 0];
  const directory = join(copy, "policies", pack);
  for (const name of (await readdir(directory)).filter((file) => file.endsWith(".ts") && file !== "index.ts")) {
    const file = join(directory, name);
    const original = await readFile(file, "utf8");
    for (const mutant of mutants(ts.createSourceFile(name, original, ts.ScriptTarget.ES2022, true))) {
      await writeFile(file, original.slice(0, mutant.start) + mutant.text + original.slice(mutant.end));
      if (await passes(copy)) {
        survived++;
        const line = original.slice(0, mutant.start).split("\n").length;
        console.log(`survived: ${name}:${line} ${original.slice(mutant.start, mutant.end)} → ${mutant.text}`);
      } else killed++;
    }
    await writeFile(file, original);
  }
  console.log(`${killed} of ${killed + survived} mutants were noticed`);
}

async function passes(cwd: string): Promise<boolean> {
  const child = spawn("node", ["--import", "tsx", suite], { cwd, stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code === 0;
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
