import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type FastTests, makeFastTests } from "./fast-tests";
import { type Mutant, mutantsOf } from "./mutants";

/**
 * Breaks rules in one place after another and runs their fast tests on each:
 * `node --import tsx test/policies/mutation.ts network [network/bgp.ts …]`
 *
 * What no test notices has to stand in `survivors.json`, with the reason why it may live, and what stands there has to
 * survive. Anything else is an error.
 *
 * Stryker was considered. It runs node:test by a process for each test file and mutant, and two seconds of each are tsx
 * and the SDK being loaded. Here all is one process, and a mutant takes some hundredths of a second.
 */
const policies = join(__dirname, "../../policies");

/** The tests that need no engine, by what they are about. What packs share is tested by all of them. */
const suites: Readonly<Record<string, readonly string[]>> = {
  shared: ["judge", "documents", "objects", "exception-terms", "pack-config", "engine-resource"],
  residency: [
    "residency-others",
    "residency-telemetry",
    "residency-transfers",
    "residency-particulars",
    "residency-fields",
  ],
  network: rules("bgp", "default-deny", "egress", "encapsulation", "exposure", "kube-proxy", "network"),
  hardening: rules(
    "ssh",
    "command-secrets",
    "join",
    "encryption",
    "audit-log",
    "kubeadm",
    "access",
    "images",
    "hardening",
  ),
};
function rules(...names: readonly string[]): string[] {
  return names.map((name) => `${name}-rules`);
}
/** `pack.ts` is not among them: it is glue to the engine, and tested through it. */
const shared = [
  ...["judge.ts", "rule.ts", "reading.ts", "exceptions.ts", "pack-config.ts", "engine-resource.ts", "kubernetes"],
];

async function main([target = "", ...only]: readonly string[]): Promise<void> {
  if (!suites[target]) throw new Error(`say what to break: ${Object.keys(suites).join(", ")}`);
  const mayLive: Listed[] = JSON.parse(await readFile(join(__dirname, "survivors.json"), "utf8"));
  const tests = await makeFastTests(target === "shared" ? Object.values(suites).flat() : (suites[target] ?? []));
  try {
    const broken = await tests.firstFailure();
    if (broken) throw new Error(`the tests fail without a mutation: ${broken}`);
    let [count, explained, wrong] = [0, 0, 0];
    for (const file of only.length > 0 ? only : await filesOf(target === "shared" ? shared : [target])) {
      const [mutants, survivors] = await breakFile(file, tests);
      const listed = mayLive.filter(({ place }) => `${place} `.startsWith(`${file} `));
      const unexplained = survivors.filter((mutant) => !listed.some(isSame(mutant)));
      const gone = listed.filter((one) => !survivors.some(isSame(one)));
      for (const { place, change } of unexplained) console.log(`survived: ${place}: ${change}`);
      for (const { place, change } of gone) console.log(`is listed and does not survive: ${place}: ${change}`);
      count += mutants;
      explained += survivors.length - unexplained.length;
      wrong += unexplained.length + gone.length;
    }
    if (await tests.firstFailure()) throw new Error("the tests fail now without a mutation: somebody edited meanwhile");
    console.log(
      `${count} mutants; ${explained} survive for a reason that survivors.json gives, ${wrong} are to be looked at`,
    );
    if (wrong > 0) process.exitCode = 1;
  } finally {
    await tests.dispose();
  }
}

/** A mutant that no test notices, and why that is well. */
interface Listed extends Pick<Mutant, "place" | "change"> {
  readonly why: string;
}

const isSame = (a: Pick<Mutant, "place" | "change">) => (b: typeof a) => a.place === b.place && a.change === b.change;

async function filesOf(code: readonly string[]): Promise<string[]> {
  const within = async (name: string) =>
    name.endsWith(".ts") ? [name] : (await readdir(join(policies, name))).map((file) => `${name}/${file}`);
  return (await Promise.all(code.map(within)))
    .flat()
    .filter((file) => file.endsWith(".ts") && !file.endsWith("/index.ts"));
}

async function breakFile(file: string, tests: FastTests): Promise<[count: number, survivors: Mutant[]]> {
  const text = await readFile(join(policies, file), "utf8");
  const mutants = mutantsOf(file, text);
  const survivors: Mutant[] = [];
  for (const mutant of mutants) {
    const broken = text.slice(0, mutant.start) + mutant.text + text.slice(mutant.end);
    if (!(await tests.firstFailure({ path: join(policies, file), text: broken }))) survivors.push(mutant);
  }
  return [mutants.length, survivors];
}

main(process.argv.slice(2)).catch((error) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
