import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache";
import { buildFlags, type GoBuild, go, goBuild } from "../go-build";

/** Programs of one directory below `modules/`. */
export interface GoModule extends GoBuild {
  readonly name: string;
}

/** Builds the module's programs, unless the cache has them. @returns the directory of the programs */
export async function buildGoModule(module: GoModule, say: (line: string) => void): Promise<string> {
  const source = join(__dirname, "modules", module.name);
  const files = (await readdir(source)).sort();
  const texts = await Promise.all(files.map((name) => readFile(join(source, name), "utf8")));
  const version = await go(source, "env", "GOVERSION", "GOARCH");
  const inputs = [version, ...buildFlags(module), JSON.stringify(module.programs), ...files, ...texts];

  return cached(`go-${module.name}`, inputs, async (directory) => {
    say(`building ${Object.keys(module.programs).join(", ")}`);
    await goBuild(source, module, directory);
  });
}
