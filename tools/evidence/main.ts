import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { ensureEngine } from "../engine/engine";
import { findPacks } from "../policy/packs";
import { page } from "./page";
import { evidenceSchema, type LiveFacts } from "./schema";
import { sign } from "./sign";
import { stackState } from "./stack-state";
import { statement } from "./statement";
import { toldPack } from "./told-packs";

const { values } = parseArgs({
  options: {
    stack: { type: "string" },
    /** SSH key that signs. @default - not signed, which is said */
    key: { type: "string" },
    /** What was seen on the running cluster, as `live.ts` writes it. */
    live: { type: "string" },
    output: { type: "string" },
  },
});

/** `make evidence STACK=…`: writes evidence.json, evidence.json.sig and evidence.html. */
async function main(): Promise<void> {
  const { stack, key, live } = values;
  if (!stack) throw new Error("name the stack: make evidence STACK=oslo");
  const repository = join(__dirname, "../..");
  const output = values.output ?? join(repository, "dist/evidence", stack);
  const exported = await exportState(repository, stack);
  const time = new Date().toISOString();
  const packs = await findPacks(repository);
  const evidence = statement({
    stack,
    state: stackState(JSON.parse(exported)),
    packs: await Promise.all(packs.map((pack) => toldPack(repository, pack, stack))),
    time,
    live: live ? (JSON.parse(await readFile(live, "utf8")) as LiveFacts) : undefined,
  });
  const text = `${JSON.stringify(evidenceSchema.parse(evidence), null, 2)}\n`;

  const file = join(output, "evidence.json");
  await mkdir(output, { recursive: true });
  await writeFile(file, text);
  await writeFile(join(output, "evidence.html"), page(evidence, createHash("sha256").update(text).digest("hex")));
  console.log(`${file}\n${join(output, "evidence.html")}`);
  console.log(key ? await sign(file, key) : "not signed: name an SSH key with KEY=…");
}

/** The state with its secrets in clear, in memory only: rules judge what stands inside of them too. */
async function exportState(repository: string, stack: string): Promise<string> {
  const { env } = await ensureEngine(() => {});
  const options = { cwd: repository, env: { ...process.env, ...env }, maxBuffer: 1 << 30 };
  const { stdout } = await promisify(execFile)(
    "pulumi",
    ["stack", "export", "--stack", stack, "--show-secrets"],
    options,
  );
  return stdout;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
