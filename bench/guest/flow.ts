import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../../tools/cache";
import { go, goBuild } from "../../tools/go-build";

const source = join(__dirname, "flow");

/** Builds the program that makes flows in a guest. It says itself what it can. @returns its path */
export async function flowProgram(say: (line: string) => void): Promise<string> {
  const texts = await Promise.all((await readdir(source)).sort().map((file) => readFile(join(source, file), "utf8")));
  const directory = await cached("bench-flow", [await go(source, "env", "GOVERSION"), ...texts], async (unfinished) => {
    say("building flow");
    await goBuild(source, { programs: { flow: "." } }, unfinished);
  });
  return join(directory, "flow");
}
