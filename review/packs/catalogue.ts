import { atAdmission } from "../../policies/admission/list";
import type { Basis, Rule } from "../../policies/rule";
import type { Pack } from "./packs";

/** Order of the packs on the page: where data lies, who gets in, how machines are set up. */
const order = ["residency", "network", "hardening"];

/** Markdown page with every rule of every pack, made from the rules themselves. */
export function catalogue(packs: readonly Pack[]): string {
  const known = [...packs].sort((a, b) => rank(a) - rank(b) || a.folder.localeCompare(b.folder, "en"));
  return `${[
    "# Rules",
    "",
    "Made from the rules in `policies/` by `make catalogue`; a test fails when it is out of date. What the kinds of basis",
    "mean, and what no rule can find out: [residency.md](residency.md). A rule whose review day has passed may rest on a",
    "text that has changed. A node of any type is a resource with `site` and `address`, as",
    "[policies.md](policies.md#what-a-rule-reads) says.",
    "",
    ...known.flatMap(overview),
    ...known.flatMap(({ folder, rules }) => [`## ${folder}`, "", ...byId(rules).flatMap(details)]),
  ].join("\n")}`;
}

const rank = ({ folder }: Pack) => (order.includes(folder) ? order.indexOf(folder) : order.length);

const byId = (rules: readonly Rule[]) => [...rules].sort((a, b) => (a.id < b.id ? -1 : 1));

function overview({ folder, rules }: Pack): string[] {
  const rows = byId(rules).map(
    ({ id, title, severity, basis, reviewBy }) =>
      `| [${id}](#${id.toLowerCase()}) | ${cell(title)} | ${severity} | ${kinds(basis)} | ${reviewBy} |`,
  );
  return [`**${folder}**`, "", "| | demands | severity | basis | review by |", "|---|---|---|---|---|", ...rows, ""];
}

function details({ id, name, title, severity, scope, basis, reads, reviewBy, ifNone }: Rule): string[] {
  const when =
    scope === "each"
      ? "each resource, before it is made"
      : "all resources together, in a preview before and in an update after they are made";
  return [
    `### ${id}`,
    "",
    `${title}`,
    "",
    `Policy \`${name}\`, ${severity}; judges ${when}. To be read again by ${reviewBy}.`,
    "",
    ...reads.map((one) => `- reads \`${one}\``),
    ...basis.map(({ kind, text, link, date }) => `- ${kind}: ${text} <${link}> (${date})`),
    ...admission(id),
    ...(ifNone ? [`- where there is nothing of the kind: violated. ${ifNone}`] : []),
    "",
  ];
}

function admission(id: string): string[] {
  const how = atAdmission[id];
  if (how === undefined) return [];
  if (typeof how === "string") return [`- not at admission: ${how}`];
  const file = `${id.toLowerCase()}.yaml`;
  return [
    `- at admission, too: [${file}](../node-config/admission/${file})${how.notHere ? `. Left to the pack: ${how.notHere}` : "."}`,
  ];
}

const kinds = (basis: readonly Basis[]) => [...new Set(basis.map(({ kind }) => kind))].join(", ");
const cell = (text: string) => text.replaceAll("|", "\\|");
