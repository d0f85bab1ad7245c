import { rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { run } from "./run";

/** Programs that are built together from one go.mod, which pins all of their sources. */
export interface GoBuild {
  /** File name of each program and the package it is built from. */
  readonly programs: Readonly<Record<string, string>>;
  readonly tags?: string;
  /** Link-time values of string variables, such as the version that a program reports. */
  readonly values?: Readonly<Record<string, string>>;
}

/** Flags of `go build` for static programs without symbols, byte for byte the same wherever they are built. */
export function buildFlags({ tags, values = {} }: GoBuild): string[] {
  const set = Object.entries(values).map(([variable, value]) => `-X ${variable}=${value}`);
  const flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", `-ldflags=${["-s -w", ...set].join(" ")}`];
  return tags ? [...flags, `-tags=${tags}`] : flags;
}

/** Builds the programs of the module in `source` into `directory`. */
export async function goBuild(source: string, build: GoBuild, directory: string): Promise<void> {
  await go(source, "build", ...buildFlags(build), "-o", `${directory}/`, ...Object.values(build.programs));
  for (const [program, path] of Object.entries(build.programs)) {
    if (path !== "." && basename(path) !== program)
      await rename(join(directory, goName(path)), join(directory, program));
  }
}

/** The name `go build` gives a program: the last part of its package that is not a major version. */
function goName(path: string) {
  return path
    .split("/")
    .filter((part) => !/^v\d+$/.test(part))
    .at(-1) as string;
}

/**
 * Runs `go` in the directory of a module and returns what it printed.
 *
 * @throws Error that says how to get Go, if it is missing
 */
export async function go(source: string, ...args: readonly string[]): Promise<string> {
  // GOTOOLCHAIN: a distribution may pin Go to the version it ships; go.mod says which one is needed, and Go fetches it.
  const env = { CGO_ENABLED: "0", GOTOOLCHAIN: "auto", GOWORK: "off" };
  try {
    return await run("go", args, { cwd: source, env });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new Error(
      "go is not on PATH. Install Go 1.23 or newer (Debian 12: apt install -t bookworm-backports golang-go): it builds " +
        "what nodes install, and Pulumi where that is not installed (https://www.pulumi.com/docs/install/)",
    );
  }
}
