import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { classes } from "./classes";
import { settingsSchema } from "./json-schema";
import { settingRows } from "./setting-rows";

/** Where operators read the table. `node --import tsx stacks/classes-page.ts` writes it. */
export const pageFile = join(__dirname, "../docs/settings.md");

/** docs/settings.md: what each class means, and the class of each setting. */
export function settingsPage(): string {
  return [
    "# What a change of a setting does",
    "",
    "<!-- Written from stacks/machine-rows.ts and stacks/cluster-rows.ts: node --import tsx stacks/classes-page.ts -->",
    "",
    "Each setting of `Pulumi.<environment>.yaml` has one class. It says what `pulumi up` does when the setting of a cluster that",
    "runs is another one; `pulumi preview` shows it before. `nodes[kvm]` is a node that names a `hypervisor`,",
    "`nodes[existing]` one that names a `machine`. A setting that has others below it speaks of all of them. The order of nodes",
    "means nothing; an entry more or less of `nodes` joins or leaves, and asks nothing of the others.",
    "",
    "| Class | What happens |",
    "|---|---|",
    ...Object.entries(classes).map(([name, what]) => `| ${name} | ${what} |`),
    "",
    "The verification looks at the whole cluster after any change of machines or cluster.",
    "",
    "| Setting | Class | What changes, what is lost, or what to do instead |",
    "|---|---|---|",
    ...settingRows.map(([path, name, what]) => `| \`${path}\` | ${name} | ${what} |`),
    "",
  ].join("\n");
}

/** Paths of all settings, as the rows write them: what has no settings below it. */
export function settingPaths(): readonly string[] {
  return leaves(JSON.parse(settingsSchema()).properties.config, "").map((path) => path.replaceAll("kjerne:", ""));
}

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

function leaves({ properties, items, anyOf = [] }: Shape, path: string): readonly string[] {
  if (properties) return Object.entries(properties).flatMap(([key, one]) => leaves(one, path ? `${path}.${key}` : key));
  const kinds = items?.anyOf?.filter(({ properties }) => properties) ?? [];
  if (kinds.length > 0) {
    return kinds.flatMap((kind) => leaves(kind, `${path}[${kind.properties?.machine ? "existing" : "kvm"}]`));
  }
  if (items?.properties) return leaves(items, `${path}[]`);
  // One value in several forms: text, or text that is encrypted.
  return anyOf.length > 0 || !items ? [path] : leaves(items, path);
}

if (require.main === module) writeFileSync(pageFile, settingsPage());
