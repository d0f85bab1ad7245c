import { join } from "node:path";
import { type Html, html, wholePage } from "../pages/html";
import { type Evidence, type EvidenceFinding, type EvidenceRule, type LiveFacts, states } from "./schema";

/** What each state means, in words for the page. */
const meanings: Readonly<Record<(typeof states)[number], string>> = {
  violated: "was read and is not allowed",
  unverifiable: "could not be judged, which counts as not allowed",
  excepted: "is not allowed, and somebody answers for it until a date",
  attested: "somebody vouches for it until a date",
  declared: "somebody wrote it down and it is allowed; no program can check it",
  shown: "was read in what the program does, and is allowed",
  "nothing to judge": "the stack has nothing of the kind",
};

const verdicts: Readonly<Record<Evidence["predicate"]["verdict"], string>> = {
  open: "Something is open: a rule that must hold is violated or could not be judged, or an exception is not in order.",
  "nothing open":
    "Nothing is open: each rule that must hold is shown, declared, attested, excepted or has nothing to judge.",
};

const of = { state: "the state of this stack", preview: "a preview of this stack" } as const;
const digests: Readonly<Record<string, string>> = {
  sha256: "State of the stack",
  gitCommit: "Commit that was previewed",
};

/**
 * The evidence as one HTML page for screen and print, without scripts and without anything to load.
 *
 * @param sha256 Of evidence.json.
 * @param signature Name of the file with its signature. Undefined if it is not signed.
 */
export function page({ subject, predicate }: Evidence, sha256: string, signature?: string): string {
  const { stack, time, rules, summary, live, verdict } = predicate;
  const ungated = rules.filter(({ level }) => level !== "mandatory");
  return wholePage(
    `Policy evidence: ${stack}, ${day(time)}`,
    [join(__dirname, "../pages/page.css"), join(__dirname, "evidence.css")],
    html`<header>
<p class="kind">Policy evidence</p>
<h1>Stack ${stack}</h1>
<p>What the rules found in ${of[predicate.of]} on <time>${time}</time>, in ${predicate.resources} resources.</p>
<ul class="summary">${states.map(
      (state) => html`
<li class="${className(state)}"><b>${summary[state] ?? 0}</b> ${state}<small>${meanings[state]}</small></li>`,
    )}
</ul>
<p class="verdict"><b>${verdicts[verdict]}</b></p>
${
  ungated.length === 0
    ? undefined
    : html`<p>The stack's parameters let these rules stop nothing: ${ungated.map(({ id, level }) => `${id} (${level})`).join(", ")}.</p>`
}
</header>
<main>
${
  predicate.exceptions.problems.length === 0
    ? undefined
    : html`<section><h2>Exceptions that are wrong themselves</h2>
<ul>${predicate.exceptions.problems.map((problem) => html`<li>${problem}</li>`)}</ul></section>`
}
${states
  .filter((state) => rules.some((rule) => rule.state === state))
  .map(
    (state) => html`
<section><h2>${heading(state)}</h2>
${rules.filter((rule) => rule.state === state).map(ruleSection)}</section>`,
  )}
${live ? liveSection(live) : undefined}
<section><h2>What this page can't show</h2>
<ul>${predicate.limits.map((limit) => html`<li>${limit}</li>`)}</ul></section>
</main>
<footer>
<h2>What it was made from</h2>
<dl>
${subject.flatMap(({ digest }) => Object.entries(digest).map(([kind, sum]) => html`<dt>${digests[kind]}</dt><dd><code>${sum}</code></dd>`))}
${predicate.packs.map((pack) => html`<dt>${pack.name} ${pack.version}</dt><dd><code>${pack.sha256}</code></dd>`)}
${predicate.packs.map((pack) => html`<dt>Exceptions of ${pack.name}: ${String(pack.parameters.exceptionsFile)}</dt><dd><code>${pack.exceptionsSha256 ?? "none"}</code></dd>`)}
<dt>evidence.json, of which this page is a view</dt><dd><code>${sha256}</code></dd>
</dl>
<p>Sums are SHA-256. ${
      signature
        ? html`The signature of evidence.json is in <code>${signature}</code>; <code>docs/policies.md</code> has the command that checks it.`
        : "evidence.json is not signed: nothing here says who made it."
    }</p>
</footer>`,
  );
}

const className = (state: string) => `state ${state.replaceAll(" ", "-")}`;
const heading = (state: string) => state.charAt(0).toUpperCase() + state.slice(1);
const day = (time: string) => time.slice(0, 10);

function ruleSection(rule: EvidenceRule): Html {
  const { id, level, title, severity, basis, reviewBy, reads, findings } = rule;
  return html`<article>
<h3>${title}</h3>
<p class="about">${id}, ${severity}${level === "mandatory" ? "" : `, ${level}: it stopped nothing`}. Reads ${reads.join("; ")}.</p>
${basis.map(({ kind, text, link, date }) => html`<p class="basis"><b>${kind}</b> ${text} <a href="${link}">${link}</a> (${date})</p>`)}
${
  findings.length === 0
    ? undefined
    : html`<table><thead><tr><th>Resource and field</th><th>Found</th></tr></thead>
<tbody>${together(findings).map(findingRow)}</tbody></table>`
}
<p class="about">To be read again by ${reviewBy}.</p>
</article>`;
}

/** Groups findings that differ only in the resource: each group becomes a row. */
function together(findings: readonly EvidenceFinding[]): EvidenceFinding[][] {
  const groups = new Map<string, EvidenceFinding[]>();
  for (const finding of findings) {
    const key = JSON.stringify({ ...finding, resource: "", urn: "" });
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

function findingRow([first, ...others]: readonly EvidenceFinding[]): Html {
  if (!first) return html``;
  const { field, state, read, allowed, reason, attested, exception } = first;
  const resources = [first, ...others].map(({ resource }) => resource).join(", ");
  return html`<tr><td>${resources}${field ? html`<br><code>${field}</code>` : undefined}</td>
<td><span class="${className(state)}">${state}</span> ${read}
${state !== "shown" && allowed ? html`<br>Allowed: ${allowed}` : undefined}
${reason ? html`<br>${reason}` : undefined}
${attested ? html`<br>${attested.by} vouches for it until ${attested.until}.` : undefined}
${exception ? html`<br>${exception.owner} answers for it until ${exception.until}: ${exception.justification}` : undefined}</td></tr>
`;
}

function liveSection({ time, facts }: LiveFacts): Html {
  return html`<section><h2>Seen on the running cluster</h2>
<p>Read on <time>${time}</time>.</p>
<table class="live"><thead><tr><th>Node</th><th>About</th><th>Read</th><th>What it means</th></tr></thead>
<tbody>${facts.map(
    ({ node, about, read, state, meaning }) => html`<tr><td>${node}</td><td>${about}</td><td><code>${read}</code></td>
<td><span class="${className(state)}">${state}</span> ${meaning}</td></tr>
`,
  )}</tbody></table></section>`;
}
