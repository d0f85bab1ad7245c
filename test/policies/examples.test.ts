import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { builtPack } from "../../review/packs/built-pack";
import { type ExampleStack, makeExampleStack } from "./example-stack";
import { inDays } from "./residency-programs";

const repository = join(__dirname, "../..");

async function withStack(environment: "oslo" | "lab", use: (stack: ExampleStack) => Promise<void>) {
  const stack = await makeExampleStack(environment);
  try {
    await use(stack);
  } finally {
    await stack.remove();
  }
}

test("the stack oslo passes the residency pack, and a backup in Frankfurt stops its preview", async () => {
  await withStack("oslo", async (stack) => {
    await stack.setSettings();
    // From its sources, as whoever gives the pack to pulumi itself has it.
    const clean = await stack.preview("--policy-pack", "policies/residency");
    assert.equal(clean.code, 0, clean.output);
    assert.doesNotMatch(clean.output, /mandatory/);

    await stack.setSettings((settings) => {
      const backup = ["config", "kjerne:residency", "backups", 0];
      settings.setIn([...backup, "city"], "Frankfurt");
      settings.setIn([...backup, "country"], "DE");
    });
    const moved = await stack.preview("--policy-pack", await builtPack(repository, "residency"));
    assert.notEqual(moved.code, 0);
    assert.match(moved.output, /Backup etcd, country: is DE, not allowed; allowed: NO\. Choose a store/);
    assert.doesNotMatch(moved.output, /not-a-real-one|BEGIN OPENSSH/);
  });
});

test("the stack lab passes the residency pack by its exceptions, which the preview lists", async () => {
  await withStack("lab", async (stack) => {
    await stack.setSettings();
    const { code, output } = await stack.preview(
      ...["--policy-pack", await builtPack(repository, "residency")],
      ...["--policy-pack-config", await exceptionsThatHold(stack.directory)],
    );
    assert.equal(code, 0, output);
    assert.match(output, /Excepted until .* by platform team: The lab holds test data only/);
  });
});

/** A copy of the committed exceptions that ends in 90 days: tests must not fail when the committed ones end. */
async function exceptionsThatHold(directory: string): Promise<string> {
  const exceptionsFile = join(directory, "exceptions.yaml");
  const committed = await readFile(join(repository, "policies/exceptions.yaml"), "utf8");
  await writeFile(exceptionsFile, committed.replace(/until: .*/g, `until: "${inDays(90)}"`));
  const config = join(directory, "parameters.json");
  await writeFile(config, JSON.stringify({ pack: { exceptionsFile } }));
  return config;
}
