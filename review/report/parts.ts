import { type Html, html } from "../pages/html";

type Reading<T> = { readonly value: T } | { readonly unreadable: string };
type Cell = string | number | Html;

/** A section with a heading that names it for screen readers. */
export function section(id: string, title: string, ...parts: readonly (Html | undefined)[]): Html {
  return html`
<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${parts.filter((part) => part !== undefined)}
</section>`;
}

/** A chart with a caption. Its numbers are in a table after it. */
export function figure(chart: Html, caption: string): Html {
  return html`<figure>${chart}<figcaption>${caption}</figcaption></figure>`;
}

/**
 * A table that scrolls by itself where it is wider than the screen, by keyboard too. Without rows it is nothing.
 *
 * @param numbers Columns, from 0, that hold numbers.
 */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  numbers: readonly number[] = [],
): Html | undefined {
  if (rows.length === 0) return undefined;
  const kind = (column: number) => (numbers.includes(column) ? "number" : "text");
  return html`<div class="table" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${head.map((cell, column) => html`<th scope="col" class="${kind(column)}">${cell}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) => html`<tr>${row.map((cell, column) =>
      column === 0
        ? html`<th scope="row" class="${kind(column)}">${cell}</th>`
        : html`<td class="${kind(column)}">${cell}</td>`,
    )}</tr>
`,
  )}</tbody></table></div>`;
}

/** What a reading says, or why it says nothing. */
export function said<T>(reading: Reading<T>, say: (value: T) => Cell): Cell {
  return "value" in reading
    ? say(reading.value)
    : html`<span class="unverifiable">not measured: ${reading.unreadable}</span>`;
}
