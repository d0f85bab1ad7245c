import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import ts from "typescript";
import { commandProvider } from "../../tools/engine/command/provider";
import { randomProvider } from "../../tools/engine/random/provider";

/** A resource type as its SDK describes it to the engine. */
interface SdkResource {
  readonly token: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly required: string[];
  readonly replaceOnChanges: string[];
}

test("the stand-in for the random provider serves what components/ uses, no more and no less", () => {
  assert.deepEqual(Object.keys(randomProvider.resources).sort(), usedByComponents("random"));
});

test("the stand-in for the command provider serves what a state of 0.1.0 has, no more and no less", () => {
  const state = gunzipSync(readFileSync(join(__dirname, "../states/fb3d140/oslo.json.gz"))).toString();
  const had = new Set(state.match(/command:\w+:\w+/g));
  assert.deepEqual(Object.keys(commandProvider.resources).sort(), [...had].sort());
});

for (const provider of [commandProvider, randomProvider]) {
  const sdk = readSdk(dirname(require.resolve(`@pulumi/${provider.name}/package.json`)));
  for (const [token, served] of Object.entries(provider.resources)) {
    test(`${token} has the inputs and outputs of the official SDK, and requires and replaces on the same`, () => {
      const official = sdk.find((resource) => resource.token === token);
      assert.ok(official, "the SDK has it");
      const inputs = Object.keys(served.inputs);
      assert.deepEqual([...inputs].sort(), official.inputs);
      assert.deepEqual([...served.outputs].sort(), official.outputs);
      assert.deepEqual(inputs.filter((name) => served.inputs[name]?.required).sort(), official.required);
      // The official random provider replaces on every input by itself; its SDK says nothing about it.
      const replaceOnChanges = provider.name === "random" ? inputs : official.replaceOnChanges;
      assert.deepEqual(served.replaceOnChanges, replaceOnChanges);
    });
  }
}

/** Type tokens of the resources of an SDK that components/ creates. A function that it calls is listed by its name. */
function usedByComponents(provider: string): string[] {
  const sdk: unknown = require(`@pulumi/${provider}`);
  const directory = join(__dirname, "../../components");
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const used = files.flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(join(directory, file), "utf8"), ts.ScriptTarget.ES2022);
    return usedBy(source, namesFrom(source, `@pulumi/${provider}`, sdk));
  });
  return [...new Set(used)].sort();
}

/** Names that a file imports from a package, with their values. */
function namesFrom(source: ts.SourceFile, specifier: string, sdk: unknown): Map<string, unknown> {
  const names = new Map<string, unknown>();
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || (statement.moduleSpecifier as ts.StringLiteral).text !== specifier)
      continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings && ts.isNamespaceImport(bindings)) names.set(bindings.name.text, sdk);
    if (bindings && ts.isNamedImports(bindings)) {
      for (const { name, propertyName } of bindings.elements) {
        names.set(name.text, member(sdk, (propertyName ?? name).text));
      }
    }
  }
  return names;
}

function usedBy(source: ts.SourceFile, names: ReadonlyMap<string, unknown>): string[] {
  const used: string[] = [];
  const valueAt = (expression: ts.Expression): unknown => {
    if (ts.isIdentifier(expression)) return names.get(expression.text);
    return ts.isPropertyAccessExpression(expression)
      ? member(valueAt(expression.expression), expression.name.text)
      : undefined;
  };
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) || ts.isCallExpression(node)) {
      const value = valueAt(node.expression);
      if (value) used.push(String(member(value, "__pulumiType") ?? node.expression.getText(source)));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return used;
}

function member(value: unknown, name: string): unknown {
  return (value as Record<string, unknown> | undefined)?.[name];
}

function readSdk(directory: string): SdkResource[] {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".js") && !file.includes("node_modules"))
    .map((file) => ts.createSourceFile(file, readFileSync(join(directory, file), "utf8"), ts.ScriptTarget.ES2022))
    .filter((source) => /__pulumiType = '[^']+'/.test(source.text) && !source.text.includes("ProviderResource"))
    .map(readResource);
}

/** Reads the constructor: a property that it copies from `args` is an input, any other that it sets is an output. */
function readResource(source: ts.SourceFile): SdkResource {
  const inputs: string[] = [];
  const assigned: string[] = [];
  const replaceOnChanges: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isBinaryExpression(node) &&
      ts.isElementAccessExpression(node.left) &&
      node.left.expression.getText(source) === "resourceInputs" &&
      ts.isStringLiteral(node.left.argumentExpression)
    ) {
      const name = node.left.argumentExpression.text;
      assigned.push(name);
      if (node.right.getText(source).includes("args?.")) inputs.push(name);
    }
    if (
      ts.isPropertyAssignment(node) &&
      node.name.getText(source) === "replaceOnChanges" &&
      ts.isArrayLiteralExpression(node.initializer)
    ) {
      replaceOnChanges.push(
        ...node.initializer.elements.map((element) => (element as ts.StringLiteral).text.replace(/\[\*\]$/, "")),
      );
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return {
    token: /__pulumiType = '([^']+)'/.exec(source.text)?.[1] ?? "",
    inputs: [...new Set(inputs)].sort(),
    outputs: [...new Set(assigned)].filter((name) => !inputs.includes(name)).sort(),
    required: [...source.text.matchAll(/Missing required property '([^']+)'/g)].map(([, name]) => String(name)).sort(),
    replaceOnChanges,
  };
}
