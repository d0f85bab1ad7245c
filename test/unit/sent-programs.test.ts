import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pythonOf, textOf } from "../../components/machine/program-text";

const nodeConfig = join(__dirname, "../../node-config");
const files = readdirSync(nodeConfig, { recursive: true, encoding: "utf8" });
const original = (path: string) => readFileSync(join(nodeConfig, path), "utf8");

const sourced = /^source (\S+)\n/gm;
/** The program of a script that others are sent with. */
const functionsOf = (path: string): string =>
  original(path)
    .replace(/^set -euo pipefail\n/m, "")
    .replace(sourced, (_, functions) => functionsOf(functions));

for (const path of files.filter((path) => path.endsWith(".sh"))) {
  test(`${path}, without its comments, is the same program to bash`, () => {
    const program = (text: string) => {
      const printed = execFileSync("bash", ["--pretty-print"], { input: text, encoding: "utf8" });
      // A program of jq or Python in quotes has comments of the same form.
      return printed.split("\n").filter((line) => !/^\s*(#|$)/.test(line));
    };
    assert.deepEqual(program(textOf(path)), program(original(path).replace(sourced, (_, other) => functionsOf(other))));
    assert.equal(textOf(path).split("\n", 1)[0], original(path).split("\n", 1)[0]);
  });
}

for (const path of ["run.py", "write-files.py"]) {
  test(`${path}, without its comments and most of its indentation, is the same program to Python`, () => {
    const tree = "import ast, sys; print(ast.dump(ast.parse(sys.stdin.read())))";
    const program = (text: string) => execFileSync("python3", ["-Ic", tree], { input: text, encoding: "utf8" });
    assert.equal(program(pythonOf(path)), program(original(path)));
  });
}

test("nothing that a machine runs is sent with a line of comment, but for the one that names the interpreter", () => {
  const sent = [
    ...files.filter((path) => path.endsWith(".sh")).map(textOf),
    ...["run.py", "write-files.py"].map(pythonOf),
  ];
  assert.deepEqual(
    sent.flatMap((text) => text.split("\n")).filter((line) => /^\s*#(?!!)/.test(line)),
    [],
  );
});
