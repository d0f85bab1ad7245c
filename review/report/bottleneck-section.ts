import { rules } from "../../components/measure/rules";
import type { Finding, Report } from "../../components/measure/schema";
import { type Html, html } from "../pages/html";
import { section, table } from "./parts";

/** What is the bottleneck: causes with their numbers, their consequences, and every question that was asked. */
export function bottleneckSection({ answer, named, consequences, unanswered }: Report["bottleneck"]): Html {
  const result = (id: string): Html => {
    if (named.some(({ rule }) => rule === id)) return html`<span class="state violated">named</span>`;
    const explained = consequences.find(({ rule }) => rule === id);
    if (explained) return html`<span class="state excepted">a consequence of ${titles(explained.explainedBy)}</span>`;
    const open = unanswered.find(({ rule }) => rule === id);
    if (open) return html`<span class="state unverifiable">not answered</span> ${open.reason}`;
    return html`<span class="state shown">no</span>`;
  };
  return section(
    "bottleneck",
    "What is the bottleneck?",
    html`<p class="answer ${named.length > 0 ? "violated" : "shown"}">${answer}</p>`,
    ...named.map(article),
    ...consequences.map(article),
    table(
      "Every question that was asked",
      ["Question", "Answer", "Limit", "Where the limit comes from"],
      rules.map(({ id, title, limit, source }) => [`${title}?`, result(id), limit, source]),
    ),
  );
}

function article(finding: Finding): Html {
  const { title, rule, reads, strength, evidence, cannotTell, next, explainedBy } = finding;
  return html`<article>
<h3>${title}</h3>
<p class="about">${rule}, ${strength} evidence. Reads ${reads}.${
    explainedBy.length > 0 ? html` ${titles(explainedBy)} explains it.` : undefined
  }</p>
<ul>${evidence.map(({ where, found }) => html`<li><b>${where}</b>: ${found}</li>`)}</ul>
<p>It can't tell: ${cannotTell}</p>
<p>Look at: <code>${next}</code></p>
</article>`;
}

function titles(ids: readonly string[]): string {
  return rules
    .filter(({ id }) => ids.includes(id))
    .map(({ title }) => title)
    .join(", ");
}
