import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { nextSteps } from "../../tools/new/next-steps";
import type { Config } from "../unit/environments";
import { partsOf } from "../unit/whole-cluster";
import { complaints } from "./residency-complaints";

/** Makes of the example's settings those that README.md shows, with the example's files. */
function asShown(config: Config): void {
  const readme = readFileSync(join(__dirname, "../../README.md"), "utf8");
  const [, shown = ""] = /^```yaml\n(# yaml-language-server[\s\S]*?)```$/m.exec(readme) ?? [];
  const { ssh, network, supply, ...others } = { ...config };
  for (const key of Object.keys(others)) delete config[key];
  for (const [key, value] of Object.entries(parse(shown).config)) config[key.replace("kjerne:", "")] = value;
  const { manifest, manifestSha256 } = network.calico;
  Object.assign(config.network.calico, { manifest, manifestSha256 });
  for (const one of config.supply.packages) one.signedByFile = supply.packages[0].signedByFile;
  config.ssh = ssh;
  config.supply.index = supply.index;
}

test("make new lists the rules of the residency pack that refuse what it has written, and no others", async () => {
  const parts = await partsOf(asShown);
  const program = [...parts].map(([key, { type, inputs }]) => ({
    type,
    name: key.slice(type.length + 1),
    properties: JSON.parse(inputs),
  }));
  const said = complaints(program);
  // RES-02 and RES-40 judge by connections, which are secrets that no engine has resolved here.
  const isSeen = (id: string) => !["RES-02", "RES-40"].includes(id);
  const refused = new Set(said.match(/^RES-\d\d/gm));
  const steps = nextSteps({ STACK: "bergen", COUNTRY: "NO", PACKAGES: "upstream", IMAGES: "upstream" }, "file", true);
  assert.deepEqual([...new Set(steps.match(/RES-\d\d/g))].sort(), [...refused].filter(isSeen).sort(), said);
});
