import { Document, isCollection, isMap, isPair, isScalar, isSeq, type YAMLMap } from "yaml";
import { goYaml } from "../../node-config/go-yaml";
import type { Decided } from "./settings";

const head =
  " yaml-language-server: $schema=settings.schema.json\n Every key and its default: settings.schema.json, which editors read. docs/settings.md: what a change does.";

/** The text of `Pulumi.<stack>.yaml`, with each reason above its key. */
export function settingsText({ config, reasons }: Decided): string {
  const keys = Object.entries(config).map(([key, value]) => [`kjerne:${key}`, value]);
  const document = new Document({ config: Object.fromEntries(keys) }, { ...goYaml, aliasDuplicateObjects: false });
  for (const [path, reason] of Object.entries(reasons))
    explain(document, ["config", ...`kjerne:${path}`.split(" ")], reason);
  layOut(document.getIn(["config"], true));
  document.commentBefore = head;
  return document.toString({ lineWidth: 0 });
}

function explain(document: Document, path: readonly string[], reason: string): void {
  const parent = document.getIn(path.slice(0, -1), true) as YAMLMap | undefined;
  const pair = parent?.items.find(({ key }) => isScalar(key) && key.value === path.at(-1));
  if (isScalar(pair?.key)) pair.key.commentBefore = reason.replaceAll(/(.{1,100})(?: |$)/g, " $1\n").trimEnd();
}

/** What fits on a line stands on one. A reason needs a line of its own, and so does each key of the settings. */
function layOut(node: unknown, depth = 0): void {
  if (!isCollection(node)) return;
  for (const item of node.items) layOut(isPair(item) ? item.value : item, depth + 1);
  const hasReason = node.items.some((item) => isPair(item) && isScalar(item.key) && item.key.commentBefore);
  const isList = isSeq(node) && node.items.some(isMap);
  const isShort = JSON.stringify(node.toJSON()).length < 150;
  node.flow = node.items.length === 0 || (depth > 1 && !hasReason && !isList && isShort);
}
