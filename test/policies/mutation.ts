import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { findFastTests, makeFastTests } from "./fast-tests";
import { type Mutant, mutantsOf } from "./mutants";

/**
 * Breaks rules in one place after another, and runs on each mutant the fast tests that import the file:
 * `node --import tsx test/policies/mutation.ts [network/bgp.ts …]`, by default with every file.
 *
 * A mutant that no test notices has to be in `survivors.json` with the reason why it may live, and what is in there has
 * to survive. Anything else is an error.
 *
 * Stryker was considered. It runs node:test by a process for each test file and mutant, and each spends two seconds on
 * loading tsx and the SDK. Here all is one process, and a mutant takes some hundredths of a second.
 */
async function main(wanted: readonly string[]): Promise<void> {
  const groups = await byTheirTests(wanted.length > 0 ? wanted : await everyFile());
  const listed: Listed[] = JSON.parse(await readFile(join(__dirname, "survivors.json"), "utf8"));
  let [count, explained, wrong] = [0, 0, 0];
  for (const [tests, files] of groups) {
    for (const { file, mutants, survivors } of await breakFiles(files, tests.split(" "))) {
      const here = listed.filter(({ place }) => `${place} `.startsWith(`${file} `));
      const unexplained = survivors.filter((mutant) => !here.some(isSame(mutant)));
      const gone = here.filter((one) => !survivors.some(isSame(one)));
      for (const { place, change } of unexplained) console.log(`survived: ${place}: ${change}`);
      for (const { place, change } of gone) console.log(`is listed and does not survive: ${place}: ${change}`);
      count += mutants;
      explained += survivors.length - unexplained.length;
      wrong += unexplained.length + gone.length;
    }
  }
  console.log(`${count} mutants; ${explained} survive for a reason in survivors.json, ${wrong} need a look`);
  if (wrong > 0) process.exitCode = 1;
}

/** A mutant that no test notices, and why that is no fault. */
interface Listed extends Pick<Mutant, "place" | "change"> {
  readonly why: string;
}

const isSame = (a: Pick<Mutant, "place" | "change">) => (b: typeof a) => a.place === b.place && a.change === b.change;

const policies = join(__dirname, "../../policies");

/** They hand rules over to the engine, and are tested through it. */
const forTheEngine = ["all.ts", "pack.ts", "pack-run.ts", "together.ts"];

async function everyFile(): Promise<string[]> {
  return (await readdir(policies, { recursive: true }))
    .filter((file) => file.endsWith(".ts") && !file.endsWith("/index.ts") && !forTheEngine.includes(file))
    .sort();
}

/** The fast tests that import a file, separated by spaces → all files that these tests import. */
async function byTheirTests(files: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const tests = [...(await findFastTests())];
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const names = tests.filter(([, imported]) => imported.has(`policies/${file}`)).map(([name]) => name);
    if (names.length === 0) throw new Error(`no test in test/policies that runs without the engine imports ${file}`);
    const key = names.join(" ");
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  return groups;
}

interface Broken {
  readonly file: string;
  /** How many there are. */
  readonly mutants: number;
  readonly survivors: readonly Mutant[];
}

async function breakFiles(files: readonly string[], names: readonly string[]): Promise<Broken[]> {
  const tests = await makeFastTests(names);
  try {
    const failure = await tests.firstFailure();
    if (failure) throw new Error(`the tests fail without a mutation: ${failure}`);
    const broken: Broken[] = [];
    for (const file of files) {
      const path = join(policies, file);
      const text = await readFile(path, "utf8");
      const mutants = mutantsOf(file, text);
      const survivors: Mutant[] = [];
      for (const mutant of mutants) {
        const changed = text.slice(0, mutant.start) + mutant.text + text.slice(mutant.end);
        if (!(await tests.firstFailure({ path, text: changed }))) survivors.push(mutant);
      }
      broken.push({ file, mutants: mutants.length, survivors });
    }
    if (await tests.firstFailure()) throw new Error("the tests fail now without a mutation: somebody edited meanwhile");
    return broken;
  } finally {
    await tests.dispose();
  }
}

main(process.argv.slice(2)).catch((error) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
