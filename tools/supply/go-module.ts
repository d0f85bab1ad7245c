import { readdir, readFile, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { cached } from "../cache";
import { run } from "./run";

/** Programs that are built together from one go.mod, which pins every source they are made of. */
export interface GoModule {
  /** Directory below `modules/`. */
  readonly name: string;
  /** File name of each program and the package it is built from. */
  readonly programs: Readonly<Record<string, string>>;
  readonly tags?: string;
  /** Link-time values of string variables, such as the version that a program reports. */
  readonly values?: Readonly<Record<string, string>>;
}

/** Builds the module's programs, static and without symbols, and returns the directory they are in. */
export async function buildGoModule(module: GoModule, say: (line: string) => void): Promise<string> {
  const source = join(__dirname, "modules", module.name);
  const files = (await readdir(source)).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(source, name), "utf8")));
  const go = { cwd: source, env: { CGO_ENABLED: "0" } };
  const version = await run("go", ["env", "GOVERSION", "GOARCH"], go);

  const values = Object.entries(module.values ?? {}).map(([variable, value]) => `-X ${variable}=${value}`);
  const flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", `-ldflags=${["-s -w", ...values].join(" ")}`];
  if (module.tags) flags.push(`-tags=${module.tags}`);
  const inputs = [version, ...flags, JSON.stringify(module.programs), ...files, ...texts];

  return cached(`go-${module.name}`, inputs, async (directory) => {
    say(`building ${Object.keys(module.programs).join(", ")}`);
    await run("go", ["build", ...flags, "-o", `${directory}/`, ...Object.values(module.programs)], go);
    for (const [program, path] of Object.entries(module.programs)) {
      if (path !== "." && basename(path) !== program)
        await rename(join(directory, goName(path)), join(directory, program));
    }
  });
}

/** The name `go build` gives a program: the last part of its package that is not a major version. */
function goName(path: string) {
  return path
    .split("/")
    .filter((part) => !/^v\d+$/.test(part))
    .at(-1) as string;
}
