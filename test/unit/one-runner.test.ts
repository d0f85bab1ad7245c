import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import * as ts from "typescript";
import { programs } from "../../components/verify/programs";

const root = join(__dirname, "../..");
const program = ["components", "node-config", "stacks"].flatMap(sourcesIn);

test("only NodeFiles, NodeScript and MachineState are resources by which something runs on a machine, and LocalProgram here", () => {
  assert.deepEqual(importersOf("@pulumi/command"), []);
  const types = program.flatMap((source) =>
    literalsOf(source)
      .filter((text) => /^kjerne-drift:index:/.test(text))
      .map((type) => `${source.fileName}: ${type}`),
  );
  assert.deepEqual(types, [
    "components/drift/machine-state.ts: kjerne-drift:index:MachineState",
    "components/machine/node-files.ts: kjerne-drift:index:NodeFiles",
    "components/machine/node-script.ts: kjerne-drift:index:NodeScript",
    "components/verify/program.ts: kjerne-drift:index:LocalProgram",
  ]);
});

test("what runs where Pulumi runs is a program of the package", () => {
  for (const name of programs) assert.ok(existsSync(join(root, "components", `${name}.ts`)), name);
});

test("only the verification and the provider start programs: ssh, the agent that holds its key, and those of the package", () => {
  const started = {
    "components/drift/dial.ts": ["ssh"],
    "components/drift/local-programs.ts": ["process.execPath"],
    "components/verify/send.ts": ["program"],
    "components/verify/ssh-agent.ts": ["ssh-agent", "ssh-add"],
  };
  assert.deepEqual(importersOf("node:child_process"), Object.keys(started));
  assert.deepEqual(importersOf("ssh2"), []);
  for (const [file, programs] of Object.entries(started)) {
    const source = program.find(({ fileName }) => fileName === file);
    const calls = [...(source?.text.matchAll(/(?:spawn|execFile\)?)\((?!promisify)"?([^",]+)/g) ?? [])];
    assert.deepEqual(
      calls.map(([, name]) => name),
      programs,
    );
  }
});

test("what the verification starts for a node is ssh, or bash on the control plane that it runs on", () => {
  const callers = program.filter(({ text }) => /(?<!function )\bsend\(\{/.test(text));
  const programs = callers.map(({ fileName, text }) => [
    fileName,
    [...new Set([...text.matchAll(/command: \["([^"]+)"/g)].map(([, name]) => name))].sort(),
  ]);
  assert.deepEqual(programs, [
    ["components/verify/ssh.ts", ["ssh"]],
    ["components/watch/on-node.ts", ["bash", "ssh"]],
  ]);
});

test("what goes over ssh beside the runner is a script that reads, of verification, report, trial, upgrade, drift and make new", () => {
  const callers = [...program, ...["review", "commands"].flatMap(sourcesIn)].filter(({ text }) =>
    /\boverSsh\b|\bRun\b/.test(text),
  );
  const changing = [
    "kubeadm/back-up.sh",
    "upgrade/change.sh",
    "upgrade/make-room.sh",
    "upgrade/another-proxy.sh",
    "upgrade/hold-kube-proxy.sh",
    "kubeadm/kube-proxy.sh",
    "drift/put-back.sh",
    "drift/put-back-machine.sh",
  ];
  const sent = callers.flatMap(literalsOf).filter((text) => /^[\w-]+\/[\w-]+\.(sh|py)$/.test(text));
  assert.notEqual(sent.length, 0);
  for (const script of sent.filter((one) => !changing.includes(one))) {
    assert.match(
      script,
      /^((verify|report|trial)\/|(upgrade|drift)\/observe(-machine)?\.(sh|py)$|machine\/(facts|neighbours|preflight)\.sh$)/,
    );
    assert.ok(existsSync(join(root, "node-config", script)), script);
  }
});

test("only the upgrade and what puts back drift change machines over ssh, and their scripts go through the runner", () => {
  const upgrade = ["proxy", "roll", "walk"].map((name) => `components/upgrade/${name}.ts`);
  const changing = program.filter((source) =>
    literalsOf(source).some((text) =>
      /^(upgrade\/(change|make-room|another-proxy|hold-kube-proxy)|kubeadm\/back-up|drift\/put-back(-machine)?)\.sh$/.test(
        text,
      ),
    ),
  );
  assert.deepEqual(
    changing.map(({ fileName }) => fileName),
    ["components/cluster/etcd-backup.ts", "components/drift/provider.ts", ...upgrade],
  );
  const texts = [...upgrade, "components/upgrade/observed.ts", "components/drift/provider.ts"].map(
    (file) => program.find(({ fileName }) => fileName === file)?.text ?? "",
  );
  const calls = /(\w+)\([^()]*"((?:upgrade|kubeadm|drift)\/[\w-]+)\.(?:sh|py)"/gs;
  const ways = [...texts.join("").matchAll(calls)].map(([, way, script]) => [way, script]);
  assert.deepEqual(ways.sort(), [
    ["change", "drift/put-back"],
    ["change", "drift/put-back-machine"],
    ["change", "kubeadm/back-up"],
    ["change", "kubeadm/kube-proxy"],
    ["change", "upgrade/another-proxy"],
    ["change", "upgrade/change"],
    ["change", "upgrade/hold-kube-proxy"],
    ["change", "upgrade/make-room"],
    ["look", "drift/observe"],
    ["look", "drift/observe-machine"],
    ["run", "upgrade/observe"],
  ]);
});

/** Files of the program that import this value from a package; any value, or all of them, when no name is given. */
function importersOf(packageName: string): string[] {
  const imports = (source: ts.SourceFile) =>
    source.statements.filter(ts.isImportDeclaration).some(({ importClause, moduleSpecifier }) => {
      const from = (moduleSpecifier as ts.StringLiteral).text;
      if (from !== packageName && !from.startsWith(`${packageName}/`)) return false;
      return importClause?.phaseModifier !== ts.SyntaxKind.TypeKeyword;
    });
  return program
    .filter(imports)
    .map(({ fileName }) => fileName)
    .sort();
}

function literalsOf(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function sourcesIn(folder: string): ts.SourceFile[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .map((path) => ts.createSourceFile(path, readFileSync(join(root, path), "utf8"), ts.ScriptTarget.Latest));
}
