import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { parseHTML } from "linkedom";
import { page } from "../../review/report/page";
import { run } from "../../tools/run";
import { healthy, healthyBut, readingOf, reported } from "../unit/report/recorded";

const directory = mkdtempSync(join(tmpdir(), "kjerne-browser-"));
after(() => rmSync(directory, { recursive: true }));

/** What a browser found on the page: what axe-core holds against it, and how it lies on the screen. */
interface Found {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: readonly string[] }[];
  }[];
  readonly passes: number;
  readonly requests: number;
  readonly width: number;
  readonly contentWidth: number;
  readonly dark: boolean;
}

const look = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations, passes }) => {
  const found = document.createElement("pre");
  found.id = "found";
  found.textContent = JSON.stringify({
    violations: violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ target }) => ({ target })) })),
    passes: passes.length,
    requests: performance.getEntriesByType("resource").length,
    width: document.documentElement.clientWidth,
    contentWidth: document.documentElement.scrollWidth,
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
  });
  document.body.append(found);
});`;

/** Opens the page in a browser that has no way out, with axe-core put into it. */
async function seen(html: string, { dark = false, width = 1100 } = {}): Promise<Found> {
  const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
  const file = join(directory, `page-${width}-${dark}.html`);
  // Its own source has "</script>" in a text.
  writeFileSync(file, `${html}<script>${axe.replaceAll("</script>", "<\\/script>")}</script><script>${look}</script>`);
  const dom = await run("chromium", [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "--virtual-time-budget=20000"],
    ...[`--user-data-dir=${join(directory, "profile")}`, "--host-resolver-rules=MAP * ~NOTFOUND"],
    ...[`--window-size=${width},900`, `--blink-settings=preferredColorScheme=${dark ? 0 : 1}`],
    pathToFileURL(file).href,
  ]);
  const found = parseHTML(dom).document.getElementById("found");
  assert.ok(found, "axe-core did not end");
  return JSON.parse(found.textContent ?? "");
}

let html = "";
before(async () => {
  const measured = await healthyBut(({ paths }) => {
    for (const { pod } of paths) Object.assign(readingOf(pod), { segments: 4000, retransmits: 80 });
  });
  html = page(reported(measured, reported(await healthy())), "0".repeat(64));
});

for (const dark of [false, true]) {
  test(`axe-core holds nothing against the page in ${dark ? "dark" : "light"}, and it asks for nothing`, async () => {
    const found = await seen(html, { dark });
    assert.equal(found.dark, dark);
    assert.deepEqual(found.violations, []);
    assert.ok(found.passes > 20, `${found.passes} rules passed`);
    assert.equal(found.requests, 0);
  });
}

test("on a phone the page is as wide as the screen: only tables scroll", async () => {
  const { violations, width, contentWidth } = await seen(html, { width: 500 });
  assert.deepEqual(violations, []);
  assert.ok(contentWidth <= width, `${contentWidth} pixels on a screen of ${width}`);
});
