import { join } from "node:path";
import { type Html, html, wholePage } from "../pages/html";

/** What the page about a stack's network shows: plain sentences, decided elsewhere. */
export interface NetworkPage {
  readonly stack: string;
  /** @default - the settings answer none of the questions */
  readonly choice?: {
    readonly profile: string;
    readonly is: string;
    readonly because: string;
    readonly answers: readonly string[];
    readonly turnsOn: readonly string[];
    readonly rulesOut: readonly string[];
    readonly notHere: readonly string[];
  };
  readonly questions: readonly {
    readonly key: string;
    readonly asks: string;
    /** What was answered. @default - nothing */
    readonly given?: string;
    readonly answers: readonly { readonly answer: string; readonly means: string }[];
  }[];
  /** What each other profile is. */
  readonly others: readonly { readonly profile: string; readonly is: string }[];
  readonly alternatives: readonly {
    readonly name: string;
    readonly betterWhen: string;
    readonly costs: string;
    /** Whether the answers speak for it. */
    readonly isNear: boolean;
  }[];
  readonly routers: readonly {
    readonly name: string;
    readonly files: readonly string[];
    readonly neighbours: number;
  }[];
}

/** The choice of a network and its reasons as one HTML page for screen and print, without scripts and anything to load. */
export function page(shown: NetworkPage): string {
  const { stack, choice } = shown;
  return wholePage(
    `Network: ${stack}`,
    [join(__dirname, "../pages/page.css")],
    html`<header>
<p class="kind">Network</p>
<h1>Stack ${stack}</h1>
<p>A pod network is chosen by how its pods talk. Six questions decide, and this page says how they were answered, what follows, and when another network would be better.</p>
</header>
<main>
${choice ? chosen(choice) : unanswered(stack)}
${section("questions", "The six questions", shown.questions.map(question))}
${section("others", "The other profiles", html`<dl>${shown.others.map(({ profile, is }) => html`<dt>${profile}</dt><dd>${is}</dd>`)}</dl>`)}
${section("elsewhere", "When another network is the better choice", [
  html`<p>kjerne installs Calico with BGP, without encapsulation unless the settings ask for it, and none of the others. Whoever needs one of those is served better by another installer.</p>`,
  ...shown.alternatives.map(alternative),
])}
${shown.routers.length > 0 ? section("routers", "What routers need", routers(shown.routers)) : undefined}
</main>
<footer><p class="about">Why pods have no overlay here: docs/network.md. Each setting: docs/settings.md.</p></footer>`,
  );
}

function chosen(choice: NonNullable<NetworkPage["choice"]>): Html {
  return html`${section("choice", `The profile is ${choice.profile}`, [
    html`<p><strong>${choice.is}</strong></p><p>${choice.because}</p>`,
    ...(choice.answers.length > 0 ? [html`<p>It rests on:</p>${list(choice.answers)}`] : []),
  ])}
${lists("turns-on", "What it turns on", choice.turnsOn)}
${lists("rules-out", "What it rules out", choice.rulesOut)}
${lists("not-here", "What belongs to it and is not there", choice.notHere)}`;
}

function unanswered(stack: string): Html {
  return section("choice", "No profile is chosen", [
    html`<p>The settings of ${stack} answer none of the questions. Write <code>kjerne:workload</code> into stacks/Pulumi.${stack}.yaml, with one answer to each.</p>`,
  ]);
}

function question({ key, asks, given, answers }: NetworkPage["questions"][number]): Html {
  return html`<article><h3>${asks}</h3>
<p class="about"><code>${key}</code></p>
<table><thead><tr><th scope="col">Answer</th><th scope="col">Means</th></tr></thead><tbody>${answers.map(
    ({ answer, means }) =>
      html`<tr><td>${answer === given ? html`<span class="state shown">${answer}</span> The answer here` : answer}</td><td>${means}</td></tr>`,
  )}</tbody></table></article>`;
}

function alternative({ name, betterWhen, costs, isNear }: NetworkPage["alternatives"][number]): Html {
  return html`<article><h3>${name}</h3>
${isNear ? html`<p class="state unverifiable">The answers here speak for it.</p>` : undefined}
<p>${betterWhen}</p><p class="about">What it costs: ${costs}</p></article>`;
}

function routers(all: NetworkPage["routers"]): Html {
  return html`<p>Each router's own side of its sessions with the nodes, made from the same settings. No password is in them.</p>
<table><thead><tr><th scope="col">Router</th><th scope="col">Sessions</th><th scope="col">Files beside this page</th></tr></thead><tbody>${all.map(
    ({ name, neighbours, files }) =>
      html`<tr><td>${name}</td><td>${neighbours}</td><td>${files.map((file) => html`<code>${file}</code> `)}</td></tr>`,
  )}</tbody></table>`;
}

function lists(id: string, title: string, sentences: readonly string[]): Html | undefined {
  return sentences.length > 0 ? section(id, title, list(sentences)) : undefined;
}

const list = (sentences: readonly string[]) => html`<ul>${sentences.map((one) => html`<li>${one}</li>`)}</ul>`;

function section(id: string, title: string, body: Html | readonly Html[]): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${body}</section>`;
}
