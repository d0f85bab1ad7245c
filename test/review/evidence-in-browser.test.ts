import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { parseHTML } from "linkedom";
import { page } from "../../review/evidence/page";
import { stackState } from "../../review/evidence/stack-state";
import { statement } from "../../review/evidence/statement";
import { packInUse } from "../../review/packs/pack-config-in-use";
import { findPacks, packConfig } from "../../review/packs/packs";
import { run } from "../../tools/run";
import { exported } from "./exported";

const directory = mkdtempSync(join(tmpdir(), "kjerne-evidence-page-"));
after(() => rmSync(directory, { recursive: true }));

/** An image's name as registries give them, without a place to break. */
const image = `registry.eksempel.no/${"plattform-og-drift-i-norge/".repeat(3)}tjeneste@sha256:${"0123456789abcdef".repeat(4)}`;
let html = "";
before(async () => {
  const repository = join(__dirname, "../..");
  const pod = {
    urn: "urn:pulumi:oslo::kjerne::kubernetes:core/v1:Pod::web",
    type: "kubernetes:core/v1:Pod",
    inputs: { metadata: { name: "web", namespace: "web" }, spec: { containers: [{ name: "web", image }] } },
  };
  const packs = await findPacks(repository);
  const inUse = packs.map(async (pack) => packInUse(repository, pack, await packConfig(pack, "oslo")));
  const state = stackState(exported("oslo", { extra: [pod] }));
  const time = `${new Date().toISOString().slice(0, 10)}T12:00:00.000Z`;
  const live = {
    time,
    facts: [{ node: "cp1", about: "image", read: image, state: "shown", meaning: "It runs." }] as const,
  };
  const evidence = statement({
    ...{ stack: "oslo", state, packs: await Promise.all(inUse), time },
    live: { ...live, facts: [...live.facts] },
  });
  html = page(evidence, "0".repeat(64));
  assert.ok(html.includes(image), "the page has no long value");
});

const browser = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${join(directory, "profile")}`];

for (const [what, width] of Object.entries({ "an A4 page": 680, "a phone": 390 })) {
  test(`no value of the evidence widens the page, or leaves its cell, at the width of ${what}`, async () => {
    const look = `const found = document.createElement("pre");
      found.id = "found";
      const wide = (one) => one.scrollWidth > one.clientWidth && getComputedStyle(one).display !== "inline";
      const parts = [document.documentElement, ...document.querySelectorAll("td, th, table, article, li, dd")];
      found.textContent = JSON.stringify(parts.filter(wide).map((one) => one.tagName + ": " + one.textContent.slice(0, 80)));
      document.body.append(found);`;
    const file = join(directory, `page-${width}.html`);
    writeFileSync(file, `${html}<div style="all: initial"></div><script>${look}</script>`);
    const frame = join(directory, `frame-${width}.html`);
    // A headless browser makes no window as narrow as a phone; a frame has any width.
    writeFileSync(
      frame,
      `<iframe id="frame" style="width: ${width}px; height: 900px; border: 0" src="${pathToFileURL(file).href}"></iframe>
       <script>onload = () => { const found = frame.contentDocument?.getElementById("found"); if (found) document.body.append(found); };</script>`,
    );
    const args = [...browser, "--dump-dom", "--virtual-time-budget=20000", "--allow-file-access-from-files"];
    const dom = await run("chromium", [...args, pathToFileURL(frame).href]);
    const found = parseHTML(dom).document.getElementById("found");
    assert.ok(found, "the page was not looked at");
    assert.deepEqual(JSON.parse(found.textContent ?? ""), []);
  });
}

test("the evidence prints on A4, on several pages", async () => {
  const [file, pdf] = [join(directory, "print.html"), join(directory, "print.pdf")];
  writeFileSync(file, html);
  await run("chromium", [...browser, "--no-pdf-header-footer", `--print-to-pdf=${pdf}`, pathToFileURL(file).href]);
  const sizes = [...readFileSync(pdf, "latin1").matchAll(/\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/g)];
  assert.ok(sizes.length > 3, `${sizes.length} pages`);
  for (const [, width, height] of sizes) assert.deepEqual([width, height].map(Number).map(Math.round), [595, 842]);
  assert.match(html, /counter\(page\) " of " counter\(pages\)/);
});
