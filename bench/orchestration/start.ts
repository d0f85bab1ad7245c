import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { playedStack } from "../../test/states/stack";
import { run } from "../../tools/run";
import { type Compared, compare } from "../rounds";

const repository = join(__dirname, "../..");
const settings = { name: "oslo", rounds: 10 };

/**
 * What it takes to load the program of the stacks, over the same program that was compiled before: with types checked,
 * as Pulumi does by default, and without, as `make lab` does.
 */
export async function programStart(directory: string, say: (line: string) => void) {
  const compiled = await precompiled(join(directory, "compiled"));
  const arm = async (program: string, checksTypes: boolean) => {
    const at = join(directory, `start-${checksTypes ? "checked" : "transpiled"}-${program === compiled ? "js" : "ts"}`);
    await mkdir(at);
    const output = join(at, "microseconds");
    const pulumi = await playedStack(settings.name, program, at, {
      NODE_OPTIONS: `--require ${join(__dirname, "at-start.cjs")}`,
      KJERNE_BENCH_OUTPUT: output,
      PULUMI_NODEJS_TRANSPILE_ONLY: String(!checksTypes),
    });
    return async () => {
      await rm(output, { force: true });
      await pulumi("preview");
      return Number(await readFile(output, "utf8")) / 1e6;
    };
  };
  const javaScript = await arm(compiled, false);
  const found: Record<"transpiled" | "checked", Compared> = {
    transpiled: await compare(await arm(repository, false), javaScript, settings.rounds),
    checked: await compare(await arm(repository, true), javaScript, settings.rounds),
  };
  say(`program start: ${found.transpiled.value.toFixed(2)} transpiled, ${found.checked.value.toFixed(2)} with types`);
  return found;
}

/** The program as JavaScript, with the files that it reads beside it. @returns its directory */
async function precompiled(directory: string): Promise<string> {
  const tsc = join(repository, "node_modules/.bin/tsc");
  const folders = ["stacks", "components", "node-config"];
  await mkdir(directory);
  await writeFile(
    join(directory, "tsconfig.json"),
    JSON.stringify({
      extends: join(repository, "tsconfig.json"),
      compilerOptions: {
        noEmit: false,
        outDir: directory,
        rootDir: repository,
        typeRoots: [join(repository, "node_modules/@types")],
      },
      include: [join(repository, "stacks/index.ts")],
    }),
  );
  await run(tsc, ["--project", directory]);
  const copied = ["find", ...folders, "versions.yaml", "-type", "f", "!", "-name", "*.ts"];
  await run(
    copied[0] as string,
    [...copied.slice(1), "-exec", "cp", "--parents", "--target-directory", directory, "{}", "+"],
    {
      cwd: repository,
    },
  );
  const project = { name: "kjerne", runtime: { name: "nodejs", options: { typescript: false } } };
  await writeFile(join(directory, "Pulumi.yaml"), stringify(project));
  await writeFile(join(directory, "package.json"), JSON.stringify({ main: "stacks/index.js" }));
  await symlink(join(repository, "node_modules"), join(directory, "node_modules"));
  return directory;
}
