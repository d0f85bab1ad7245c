import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import ts from "typescript";
import { commandProvider } from "../../tools/engine/command/provider";
import { randomProvider } from "../../tools/engine/random/provider";

/** A resource as its SDK sends it to the engine. */
interface SdkResource {
  readonly token: string;
  readonly inputs: string[];
  readonly outputs: string[];
  readonly required: string[];
  readonly replaceOnChanges: string[];
}

/** What the stand-ins leave out, on purpose: the SDK itself deprecates it. */
const notServed = ["command:remote:CopyFile"];

for (const provider of [commandProvider, randomProvider]) {
  const sdk = readSdk(dirname(require.resolve(`@pulumi/${provider.name}/package.json`)));

  test(`${provider.name}: serves the resources of the SDK, no more and no fewer`, () => {
    const tokens = sdk.map(({ token }) => token).filter((token) => !notServed.includes(token));
    assert.ok(tokens.length > 2, "the SDK was read");
    assert.deepEqual(Object.keys(provider.resources).sort(), tokens.sort());
  });

  for (const { token, inputs, outputs, required, replaceOnChanges } of sdk) {
    const served = provider.resources[token];
    if (!served) continue;
    test(`${token}: has the inputs and outputs of the SDK, requires and replaces on what it does`, () => {
      assert.deepEqual([...served.inputs].sort(), inputs);
      assert.deepEqual([...served.outputs].sort(), outputs);
      assert.deepEqual([...served.required].sort(), required);
      // The random provider decides on its own that every input replaces; its SDK says nothing about it.
      assert.deepEqual(served.replaceOnChanges, provider.name === "random" ? served.inputs : replaceOnChanges);
    });
  }
}

test("command:local:run is served", () => {
  assert.deepEqual(Object.keys(commandProvider.functions), ["command:local:run"]);
});

function readSdk(directory: string): SdkResource[] {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".js") && !file.includes("node_modules"))
    .map((file) => ts.createSourceFile(file, readFileSync(join(directory, file), "utf8"), ts.ScriptTarget.ES2022))
    .filter((source) => /__pulumiType = '[^']+'/.test(source.text) && !source.text.includes("ProviderResource"))
    .map(readResource);
}

/** Reads the constructor: a property that it takes from `args` is an input, any other that it sets an output. */
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
