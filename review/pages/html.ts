import { readFileSync } from "node:fs";

/** Text that is already HTML. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Html[] | undefined;

/** A template that escapes every value, except those that are such a template themselves. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(strings.map((string, index) => (index === 0 ? "" : written(values[index - 1])) + string).join(""));
}

function written(value: Part): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(written).join("");
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  return String(value).replace(/[&<>"']/g, (character) => entities[character] as string);
}

/** A whole page without scripts and without anything to load. `styles` are the paths of its style sheets. */
export function wholePage(title: string, styles: readonly string[], body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${styles.map((file) => new Html(readFileSync(file, "utf8")))}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
}
