import assert from "node:assert/strict";
import { test } from "node:test";
import { parseHTML } from "linkedom";
import { everyWorkload } from "../../node-config/workload/choice";
import { explained } from "../../node-config/workload/explained";
import type { Workload } from "../../node-config/workload/questions";
import { page } from "../../review/network/page";

const simulation: Workload = {
  communication: "constantly",
  latency: "critical",
  eastWest: "most",
  exchange: "small-messages",
  directAccess: "needed",
  priority: "performance",
};
const routers = [{ name: "tor1", neighbours: 6, files: ["router/tor1/bird.conf", "router/tor1/frr.conf"] }];
const textOf = (workload: Workload | undefined) => page({ stack: "<b>oslo</b>", ...explained(workload), routers });

test("the page loads nothing, runs nothing, and takes no name for markup", () => {
  const text = textOf(simulation);
  const { document } = parseHTML(text);
  assert.equal(document.querySelectorAll("script, link, iframe, img, object, embed, [src], [onload]").length, 0);
  assert.doesNotMatch(text, /<b>oslo/);
});

test("it answers first, marks each answer that was given, and says what is not there", () => {
  const { document } = parseHTML(textOf(simulation));
  assert.equal(document.querySelector("main section h2")?.textContent, "The profile is hpc");
  assert.equal(document.querySelectorAll("#questions ~ article .shown").length, 6);
  assert.match(
    document.getElementById("not-here")?.parentElement?.textContent ?? "",
    /second card of virtual machines/,
  );
  assert.match(document.body.textContent ?? "", /Weave Net.*archived/s);
});

test("alternatives for which the answers speak are marked, and no others", () => {
  const near = (workload: Workload) =>
    explained(workload)
      .alternatives.filter(({ isNear }) => isNear)
      .map(({ name }) => name);
  assert.deepEqual(near(simulation), ["Multus, with Calico for eth0"]);
  const small: Workload = {
    communication: "rarely",
    latency: "tolerant",
    eastWest: "little",
    exchange: "mixed",
    directAccess: "unneeded",
    priority: "simplicity",
  };
  assert.deepEqual(near(small), ["Flannel", "An overlay (VXLAN or IPIP) of Calico's own"]);
  assert.match(textOf(small), /The answers here speak for it\./);
});

test("without answers it says what to write, and asks the questions all the same", () => {
  const { document } = parseHTML(textOf(undefined));
  assert.match(document.querySelector("main section")?.textContent ?? "", /No profile is chosen.*kjerne:workload/s);
  assert.equal(document.querySelectorAll("#questions ~ article").length, 6);
});

test("each section has a name and headings are in order, whatever the answers", () => {
  for (const workload of everyWorkload().filter((_, at) => at % 60 === 0)) {
    const { document } = parseHTML(textOf(workload));
    const levels = [...document.querySelectorAll("h1, h2, h3")].map(({ tagName }) => Number(tagName.slice(1)));
    for (const [at, level] of levels.entries()) assert.ok(level - (levels[at - 1] ?? 0) <= 1);
    for (const section of document.querySelectorAll("section"))
      assert.ok(document.getElementById(section.getAttribute("aria-labelledby") ?? "")?.textContent);
  }
});
