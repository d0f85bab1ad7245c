import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

const root = join(__dirname, "../..");

/** Runs a program at the top of the repository, without what a `make` around this test handed down. */
function run(program: string, ...args: string[]) {
  const { NODE_TEST_CONTEXT: _, MAKEFLAGS: __, MAKELEVEL: ___, FILE: ____, NAME: _____, ...env } = process.env;
  return spawnSync(program, args, { cwd: root, env, encoding: "utf8" });
}

test("make help lists each command as it has to be typed", () => {
  const { stdout } = run("make", "help");
  assert.match(stdout, /^ {2}make env .*: eval "\$\(make -s env\)"$/m);
  assert.match(stdout, /^ {2}make test-policies /m);
});

test("a file that a layer doesn't have is refused with those that it has", () => {
  const { status, stderr } = run("make", "--dry-run", "unit", "FILE=nope");
  assert.notEqual(status, 0);
  assert.match(stderr, /There is no test\/unit\/nope\.test\.ts; choose one of: .*\bfile-set\b/);
});

test("one file is run without setting anything up, a whole layer with what it needs", () => {
  const [one, all] = [["FILE=bgp-rules"], []].map((args) => run("make", "--dry-run", "test-policies", ...args).stdout);
  assert.match(one ?? "", /--test .*test\/policies\/bgp-rules\.test\.ts$/m);
  assert.doesNotMatch(one ?? "", /setup|command -v go/);
  for (const part of ["packages", "engine", "supply"]) assert.match(all ?? "", new RegExp(`setup ${part}$`, "m"));
});

test("the fast tests need nothing set up", () => {
  assert.doesNotMatch(run("make", "--dry-run", "unit").stdout, /setup|command -v go/);
});

test("a name that no test has fails the run, and one that a test has runs that test alone", () => {
  const named = (pattern: string) =>
    run(
      ...(["node", "--import", "tsx", "--test", `--test-name-pattern=${pattern}`] as const),
      ...(["--test-reporter=./test/named.mjs", "--test-reporter-destination=stdout"] as const),
      "test/unit/file-set.test.ts",
    );
  const [none, one] = [named("nobody is called so"), named("mode 0644 on the node")];
  assert.equal(none.status, 1);
  assert.match(none.stdout, /^No test has a name that matches/);
  assert.equal(one.status, 0);
  assert.match(
    one.stdout,
    /^✔ a file that is not executable in the repository gets mode 0644 on the node \([\d.]+ s\)\n$/,
  );
});
