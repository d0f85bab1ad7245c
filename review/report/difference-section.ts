import type { Report } from "../../components/measure/schema";
import { type Html, html } from "../pages/html";
import { section, table } from "./parts";

/** What became different since the last report; nothing where there was none. */
export function differenceSection({ difference }: Report): Html | undefined {
  if (!difference) return undefined;
  const { since, begun, ended, changes } = difference;
  return section(
    "difference",
    "Since the last report",
    html`<p>Of <time>${since}</time>. ${changes.length === 0 ? "No number moved by a fifth." : "Numbers that moved by a fifth or more:"}</p>`,
    begun.length > 0 ? html`<p><span class="state violated">New</span> ${begun.join(", ")}</p>` : undefined,
    ended.length > 0 ? html`<p><span class="state shown">Gone</span> ${ended.join(", ")}</p>` : undefined,
    table(
      "Numbers that moved",
      ["Number", "Where", "Before", "Now", "Unit"],
      changes.map(({ what, where, unit, before, now }) => [what, where, before, now, unit]),
      [2, 3],
    ),
  );
}
