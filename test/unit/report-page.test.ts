import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import Ajv from "ajv";
import { parseHTML } from "linkedom";
import { prometheus } from "../../components/measure/prometheus";
import { reportJsonSchema, reportSchema } from "../../components/measure/schema";
import { summary } from "../../components/measure/summary";
import { page } from "../../review/report/page";
import { healthy, healthyBut, readingOf, reported } from "./report/recorded";

const report = healthy().then((measured) => reported(measured));
const lossy = healthyBut((measured) => {
  for (const { pod } of measured.paths) Object.assign(readingOf(pod), { segments: 4000, retransmits: 80 });
}).then((measured) => reported(measured));
const documentOf = async (of: typeof report) => parseHTML(page(await of, "0".repeat(64))).document;

test("report.json keeps its published schema", async () => {
  const published = JSON.parse(readFileSync(join(__dirname, "../../docs/report.schema.json"), "utf8"));
  assert.deepEqual(published, JSON.parse(JSON.stringify(reportJsonSchema())), "make catalogue writes it");
  const ajv = new Ajv({ unknownFormats: "ignore" });
  const written = JSON.parse(JSON.stringify(await lossy));
  assert.ok(ajv.validate(published, written), ajv.errorsText());
  assert.deepEqual(reportSchema.parse(written), written);
  assert.equal(ajv.validate(published, { ...written, stack: 1 }), false);
});

test("the page loads nothing and runs nothing", async () => {
  const text = page(await lossy, "0".repeat(64));
  const document = await documentOf(lossy);
  assert.equal(document.querySelectorAll("script, link, iframe, img, object, embed, [src], [onload]").length, 0);
  assert.doesNotMatch(text, /url\(|@import|<use|xlink:href/);
});

test("headings are in order, each section has a name, each chart a text and a table near it", async () => {
  const document = await documentOf(lossy);
  const levels = [...document.querySelectorAll("h1, h2, h3")].map(({ tagName }) => Number(tagName.slice(1)));
  assert.deepEqual([levels[0], levels.filter((level) => level === 1).length], [1, 1]);
  for (const [at, level] of levels.entries())
    assert.ok(level - (levels[at - 1] ?? 0) <= 1, `h${level} after h${levels[at - 1]}`);
  for (const section of document.querySelectorAll("section")) {
    const id = section.getAttribute("aria-labelledby") ?? "";
    assert.ok(document.getElementById(id)?.textContent, `section ${id}`);
  }
  const charts = [...document.querySelectorAll("figure > svg")];
  assert.ok(charts.length >= 5, `${charts.length} charts`);
  for (const chart of charts) {
    assert.equal(chart.getAttribute("role"), "img");
    assert.match(chart.getAttribute("aria-label") ?? "", /table below/);
    assert.ok(chart.closest("section")?.querySelector("table"));
  }
  for (const region of document.querySelectorAll(".table")) assert.equal(region.getAttribute("tabindex"), "0");
});

test("the page answers first, names the number and what it can't tell, and shows every question", async () => {
  const document = await documentOf(lossy);
  const first = document.querySelector("main section");
  assert.match(first?.querySelector(".answer")?.textContent ?? "", /A path loses packets .* 80 of 4000 small messages/);
  assert.match(first?.textContent ?? "", /It can't tell: In which direction/);
  assert.equal(first?.querySelectorAll("tbody tr").length, 7);
  const good = await documentOf(report);
  assert.match(good.querySelector(".answer")?.textContent ?? "", /^None found\./);
});

test("what a machine calls itself can't become markup", async () => {
  const measured = await healthyBut(({ nodes }) => Object.assign(nodes[0] as object, { name: "<b>cp1</b>" }));
  const text = page(reported(measured), "0".repeat(64));
  assert.doesNotMatch(text, /<b>cp1/);
  assert.match(text, /&lt;b&gt;cp1/);
});

test("Prometheus' text has a gauge with help for each metric, and says which rule is named", async () => {
  const text = prometheus(await lossy);
  const metrics = new Set([...text.matchAll(/^(\w+)\{/gm)].map(([, metric]) => metric));
  for (const metric of metrics) {
    assert.match(text, new RegExp(`^# HELP ${metric} .+\n# TYPE ${metric} gauge\n${metric}\\{`, "m"));
  }
  for (const line of text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))) {
    assert.match(line, /^\w+\{(\w+="[^"\n]*",?)+\} (-?[\d.e+-]+|NaN)$/);
  }
  assert.match(text, /^kjerne_report_bottleneck\{stack="lab",rule="packet-loss",.*\} 1$/m);
  assert.match(text, /^kjerne_report_bottleneck\{stack="lab",rule="small-mtu",.*\} 0$/m);
  assert.match(
    text,
    /^kjerne_report_path_retransmit_ratio\{stack="lab",from="cp1",to="worker1",network="pod"\} 0\.02$/m,
  );
});

test("the terminal says the bottleneck first, with what to look at", async () => {
  const lines = summary(await lossy).split("\n");
  const at = lines.indexOf("What is the bottleneck?");
  assert.match(lines[at + 1] ?? "", /A path loses packets/);
  assert.match(lines[at + 2] ?? "", /cp1 to worker1, between pods: 80 of 4000/);
  assert.match(summary(await report), /What is the bottleneck\?\n {2}None found\./);
});

test("a second run tells what began, what ended and which numbers moved by a fifth", async () => {
  const [before, now] = [await report, await lossy];
  const second = reported(now.measured, before);
  assert.deepEqual(second.difference?.begun, ["A path loses packets"]);
  assert.deepEqual(second.difference?.changes, [
    { what: "Small messages that were sent again", where: "cp1, worker1, pod", unit: "%", before: 0, now: 2 },
  ]);
  assert.deepEqual(reported(before.measured, now).difference?.ended, ["A path loses packets"]);
  assert.match(
    summary(second),
    /new: A path loses packets\n {2}cp1, worker1, pod: Small messages that were sent again: 0 → 2 %/,
  );
  assert.deepEqual(reported(before.measured, before).difference?.changes, []);
});
