import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import * as ts from "typescript";

const root = join(__dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const textsBelow = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));

const [failures, scripts] = read("docs/failures.md").split("## A power cut in each script") as [string, string];
/** Cells of the rows of a page's tables, without those that head them. */
const rowsOf = (page: string) =>
  page
    .split("\n")
    .filter((line) => line.startsWith("| ") && !/^\| (What happened|Script) \|/.test(line))
    .map((line) => line.slice(2, -2).split(" | "));
const testsIn = (cell = "") =>
  cell.split("<br>").flatMap((one) => {
    const [, file, name] = one.match(/^\[[\w/-]+\]\(\.\.\/(test\/[\w/.-]+)\): (.+)$/) ?? [];
    return file && name ? [{ file, name }] : [];
  });

/** The names of a file's tests; what is filled into one stands for anything. */
function namesIn(file: string): RegExp[] {
  const names: RegExp[] = [];
  const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === "test") {
      const [name] = node.arguments;
      if (name && ts.isStringLiteralLike(name)) names.push(new RegExp(`^${escaped(name.text)}$`));
      if (name && ts.isTemplateExpression(name)) {
        const parts = [name.head, ...name.templateSpans.map(({ literal }) => literal)].map(({ text }) => escaped(text));
        names.push(new RegExp(`^${parts.join(".+")}$`));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, read(file), ts.ScriptTarget.Latest, true));
  return names;
}

test("each test that docs/failures.md names is there", () => {
  const named = [...rowsOf(failures), ...rowsOf(scripts)].flatMap((cells) => testsIn(cells.at(-1)));
  assert.ok(named.length > 30);
  const gone = named.filter(
    ({ file, name }) => !existsSync(join(root, file)) || !namesIn(file).some((one) => one.test(name)),
  );
  assert.deepEqual(gone, []);
});

test("each failure has a test, and what up says of it stands in the program or in that test", () => {
  const program = ["node-config", "components", "commands", "tools", "review"].flatMap(textsBelow).join("\n");
  for (const cells of rowsOf(failures)) {
    assert.equal(cells.length, 4, cells[0]);
    const tests = testsIn(cells[3]);
    assert.equal(tests.length, cells[3]?.split("<br>").length, cells[0]);
    const texts = [program, ...tests.map(({ file }) => read(file).replaceAll("\\", ""))];
    const words = [...(cells[1] ?? "").matchAll(/`([^`<]+)`/g)].flatMap(([, said = ""]) => said.split("…"));
    for (const word of words.map((one) => one.trim())) {
      assert.ok(
        texts.some((text) => text.includes(word)),
        `${cells[0]}: nobody says “${word}”`,
      );
    }
  }
});

test("each script that changes a machine is in the table of power cuts, and no other", () => {
  const sent = textsBelow("components").flatMap((text) =>
    [...text.matchAll(/"((?!verify|report|trial)[\w-]+\/[\w-]+\.sh)"/g)].map(([, path = ""]) => path),
  );
  assert.deepEqual(
    rowsOf(scripts)
      .map(([script]) => script?.replaceAll("`", ""))
      .sort(),
    [...new Set(sent.filter((path) => !looking.includes(path))), "write-files.py"].sort(),
  );
  assert.deepEqual(
    looking.filter((path) => !sent.includes(path)),
    [],
  );
});

/** Scripts that change nothing. */
const looking = [
  ...["hypervisor/preflight.sh", "machine/preflight.sh", "kubeadm/own-namespaces.sh", "kubeadm/check-encryption.sh"],
  ...["kubeadm/addresses-in-use.sh", "kubeadm/network-attachments.sh"],
  ...["kubeadm/has-programs.sh", "machine/free-login.sh", "upgrade/observe.sh"],
];
