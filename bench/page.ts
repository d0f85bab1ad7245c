import { join } from "node:path";
import { type Html, html, Html as Raw, wholePage } from "../review/pages/html";
import { drawn } from "./charts";
import { intervalText, valueText, verdictText } from "./printed";
import type { Result } from "./result";

/** All results as one HTML page, without scripts and without anything to load. */
export function page(results: readonly Result[]): string {
  return wholePage(
    "kjerne: benchmarks",
    [join(__dirname, "page.css")],
    html`<main>
<h1>Benchmarks</h1>
<p>Each compares two things side by side in one run. What a ratio is worth elsewhere depends on the machine beside it.</p>
${results.map(section)}
</main>`,
  );
}

function section(result: Result): Html {
  const { title, method, ratios, nullControls, rounds, charts, machine, at, benchmark } = result;
  return html`
<section>
<h2>${title}</h2>
<p>${method}</p>
${charts.map((chart) => html`<figure><figcaption>${chart.title}</figcaption>${new Raw(drawn(chart))}</figure>`)}
<div class="wide"><table>
<thead><tr><th scope="col">Ratio</th><th scope="col">Value</th><th scope="col">Interval</th><th scope="col">Goal</th></tr></thead>
<tbody>
${ratios.map(
  (
    ratio,
  ) => html`<tr class="${ratio.verdict ?? "told"}"><th scope="row">${ratio.name}${ratio.note ? html`<small>${ratio.note}</small>` : undefined}</th>
<td>${valueText(ratio.value)}</td><td>${intervalText(ratio)}</td><td>${verdictText(ratio)}</td></tr>`,
)}
${nullControls.map(
  ({
    name,
    value,
    within,
    held,
  }) => html`<tr class="${held ? "told" : "missed"}"><th scope="row">${name}<small>null control</small></th>
<td>${valueText(value)}</td><td>${within.join(" to ")}</td><td>${held ? "held" : "not held: nothing above counts"}</td></tr>`,
)}
</tbody>
</table></div>
<p class="machine">${machine.processors} processors, ${machine.model}, Linux ${machine.kernel}${machine.guest ? `; guest: ${machine.guest}` : undefined}.
<time>${at}</time>. Rounds: ${rounds.kept} kept, ${rounds.discarded} discarded (${rounds.why}). Figures: <code>${benchmark}.json</code>.</p>
</section>`;
}
