import assert from "node:assert/strict";
import { before, test } from "node:test";
import { allowedFlags, refusedFlags, refusedVariables, shortFlags } from "../../review/runs/flags";
import { ensureEngine } from "../../tools/engine/engine";
import { pulumiOutput } from "../../tools/pulumi";

interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly form: "alone" | "value";
}

/** What the engine's own parser says about its flags, by verb. */
const flagsOf = new Map<string, readonly Flag[]>();
before(async () => {
  const { env } = await ensureEngine(() => {});
  for (const verb of ["up", "preview"]) {
    const help = await pulumiOutput([verb, "--help"], { cwd: "/", env: { ...process.env, ...env } });
    flagsOf.set(verb, [...help.matchAll(/^ {2,6}(?:(-\w), )?--([\w-]+)(.*)$/gm)].map(flag));
  }
});

/** A type stands before the description, with `[=` if the value can be left out. */
function flag([, short, name = "", rest = ""]: RegExpMatchArray): Flag {
  const takesNext = /^ (string|stringArray|strings|int|int32|file:)(?= {2,})/.test(rest);
  return { name, short, form: takesNext ? "value" : "alone" };
}

test("flags that are allowed take a value where the engine's parser does, and have its short forms", () => {
  for (const [verb, flags] of flagsOf) {
    assert.ok(flags.length > 40, `${verb}: ${flags.length}`);
    for (const { name, short, form } of flags.filter((one) => Object.hasOwn(allowedFlags, one.name))) {
      assert.equal(allowedFlags[name], form, `${verb} --${name}`);
      if (short && short in shortFlags) assert.equal(shortFlags[short], name, verb);
    }
    for (const [short, name] of Object.entries(shortFlags)) {
      assert.ok(!flags.some((one) => one.short === short && one.name !== name), `${verb} ${short} is not ${name}`);
    }
  }
  const known = new Set([...flagsOf.values()].flat().map(({ name }) => name));
  assert.deepEqual(
    Object.keys(allowedFlags).filter((name) => !known.has(name)),
    [],
    "the engine has no such flag",
  );
});

test("every other flag of the engine is refused, as a word and as a variable", () => {
  const others = [...flagsOf.values()].flat().filter(({ name }) => !Object.hasOwn(allowedFlags, name));
  assert.ok(others.some(({ name }) => name === "exclude-dependents"));
  for (const { name, short } of others) {
    for (const word of [`--${name}`, `--${name}=x`, ...(short ? [short, `${short}x`, `${short}=x`] : [])])
      assert.equal(refusedFlags([word]).length, 1, word);
    if (name === "config-file") continue; // every command here reads the file that this variable names
    assert.equal(
      refusedVariables({ [`PULUMI_OPTION_${name.toUpperCase().replaceAll("-", "_")}`]: "x" }).length,
      1,
      name,
    );
  }
});
