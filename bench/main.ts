import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { conntrack } from "./conntrack/conntrack";
import { disk } from "./disk/disk";
import { encapsulation } from "./encapsulation/encapsulation";
import { thisMachine } from "./machine";
import { orchestration } from "./orchestration/orchestration";
import { page } from "./page";
import { printed } from "./printed";
import { type Benchmark, type Result, resultShape } from "./result";
import { services } from "./services/services";

/** `node --import tsx bench/main.ts [NAME …]`: runs benchmarks, all without a name, and writes the page about all results. */
const benchmarks: Readonly<Record<string, Benchmark>> = { encapsulation, conntrack, services, disk, orchestration };
const results = join(__dirname, "results");

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  for (const name of given) {
    if (!(name in benchmarks)) {
      throw new Error(`there is no benchmark ${name}; choose one of: ${Object.keys(benchmarks).join(", ")}`);
    }
  }
  await mkdir(results, { recursive: true });
  const failed: string[] = [];
  for (const [name, benchmark] of Object.entries(benchmarks)) {
    if (given.length > 0 && !given.includes(name)) continue;
    try {
      const result = await measured(name, benchmark);
      await writeFile(join(results, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`);
      console.log(printed(result));
    } catch (error) {
      failed.push(name);
      console.error(`${name}: ${(error as Error).message}`);
    }
  }
  await writeFile(join(results, "index.html"), page(await written()));
  console.log(`Page and JSON: ${results}`);
  if (failed.length > 0) throw new Error(`not measured: ${failed.join(", ")}`);
}

async function measured(name: string, benchmark: Benchmark): Promise<Result> {
  const begun = Date.now();
  const { guest, ...finding } = await benchmark.run((line) => console.error(`${name}: ${line}`));
  return resultShape.parse({
    benchmark: name,
    title: benchmark.title,
    method: benchmark.method,
    machine: { ...thisMachine(), ...(guest ? { guest } : {}) },
    at: new Date(begun).toISOString(),
    seconds: (Date.now() - begun) / 1000,
    ...finding,
  });
}

/** Results of this and of earlier runs. */
async function written(): Promise<Result[]> {
  const files = (await readdir(results)).filter((file) => file.endsWith(".json")).sort();
  return Promise.all(
    files.map(async (file) => resultShape.parse(JSON.parse(await readFile(join(results, file), "utf8")))),
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
