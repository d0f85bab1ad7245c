import { join } from "node:path";
import type { Report } from "../../components/measure/schema";
import { html, wholePage } from "../pages/html";
import { bottleneckSection } from "./bottleneck-section";
import { differenceSection } from "./difference-section";
import { machineSections, settingsSection } from "./machine-sections";
import { networkSections } from "./network-sections";

/** The report as one HTML page for screen and print, without scripts and without anything to load. */
export function page(report: Report, sha256: string): string {
  const { stack, time, seconds, measured, remarks } = report;
  return wholePage(
    `Report: ${stack}, ${time.slice(0, 10)}`,
    [join(__dirname, "../pages/page.css"), join(__dirname, "report.css")],
    html`<header>
<p class="kind">Report</p>
<h1>Stack ${stack}</h1>
<p>Measured on the running cluster from <time>${time}</time> on, for ${Math.round(seconds)} seconds: ${counted(measured.nodes.length, "node")}, ${measured.paths.length} of ${counted(measured.pairs, "pair")} of them.</p>
</header>
<main>
${bottleneckSection(report.bottleneck)}
${differenceSection(report)}
${networkSections(measured)}
${machineSections(measured)}
${settingsSection(measured)}
<section aria-labelledby="limits"><h2 id="limits">What this page can't show</h2>
<ul>${remarks.map((remark) => html`<li>${remark}</li>`)}</ul></section>
</main>
<footer>
<p class="about">A view of report.json, whose SHA-256 is <code>${sha256}</code>. Its schema is docs/report.schema.json; how it is measured, docs/measurements.md.</p>
</footer>`,
  );
}

function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}
