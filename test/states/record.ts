import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { playedStack } from "./stack";

/**
 * `node --import tsx test/states/record.ts CHECKOUT RELEASE`: keeps the states that the program of a checkout makes, in
 * `test/states/RELEASE`. Do it once for each release and never again: clusters out there have these states.
 */
async function record(checkout: string, release: string): Promise<void> {
  await mkdir(join(__dirname, release), { recursive: true });
  for (const name of ["lab", "oslo"]) {
    const directory = await mkdtemp(join(tmpdir(), "kjerne-record-"));
    try {
      const pulumi = await playedStack(name, checkout, directory);
      await pulumi("up", "--yes", "--skip-preview");
      await writeFile(
        join(__dirname, release, `${name}.json.gz`),
        gzipSync(await pulumi("stack", "export"), { level: 9 }),
      );
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

const [checkout, release] = process.argv.slice(2);
if (!checkout || !release) throw new Error("usage: node --import tsx test/states/record.ts CHECKOUT RELEASE");
record(checkout, release);
