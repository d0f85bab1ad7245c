import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reportJsonSchema } from "../components/measure/schema";
import { jsonSchema } from "../review/evidence/schema";
import { admissionFiles } from "../review/packs/admission-files";
import { catalogue } from "../review/packs/catalogue";
import { findPacks } from "../review/packs/packs";
import { runCommand } from "./run-command";

const repository = join(__dirname, "..");

/** `make catalogue`: path in the repository → text, of each page and manifest that is made from the rules. */
export async function published(): Promise<ReadonlyMap<string, string>> {
  const packs = await findPacks(repository);
  return new Map([
    ["docs/rules.md", catalogue(packs)],
    ...admissionFiles(packs),
    ["docs/evidence.schema.json", `${JSON.stringify(jsonSchema(), null, 2)}\n`],
    ["docs/report.schema.json", `${JSON.stringify(reportJsonSchema(), null, 2)}\n`],
  ]);
}

async function main(): Promise<void> {
  for (const [file, text] of await published()) {
    await writeFile(join(repository, file), text);
    console.log(file);
  }
}

if (require.main === module) runCommand(main, 1);
