import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { answersTo } from "../../tools/new/answers";
import { settingsText } from "../../tools/new/document";
import { planOf } from "../../tools/new/plan";
import { questions } from "../../tools/new/questions";
import { decide } from "../../tools/new/settings";
import { repositoriesIn } from "../../tools/new/supply";
import { seen } from "./new-samples";

const read = (file: string) => readFileSync(join(__dirname, "../..", file), "utf8");
const readme = read("README.md");

/** The answers in the command of README.md. */
function given(): Record<string, string> {
  const [, command = ""] = /^(make new STACK=[^`]*)```/m.exec(readme) ?? [];
  const words = [...command.matchAll(/\b([A-Z_]+)=(?:'([^']*)'|(\S+))/g)];
  return Object.fromEntries(words.map(([, name = "", quoted, plain = ""]) => [name, quoted ?? plain]));
}

test("README.md shows the settings that its command writes for three rented machines", async () => {
  const answers = await answersTo(given());
  const machines = [1, 2, 3].map((number) => seen(number));
  const repositories = repositoriesIn(answers, "bookworm", (of) => `stacks/${of}.asc`);
  const sha256 = parse(read("stacks/Pulumi.oslo.yaml")).config["kjerne:network"].calico.manifestSha256;
  const manifest = { place: answers.CALICO ?? "", sha256 };
  const text = settingsText(decide(answers, machines, planOf(answers, machines), { manifest, repositories }));
  const [, shown] = /^```yaml\n(# yaml-language-server[\s\S]*?)```$/m.exec(readme) ?? [];
  assert.equal(shown, text);
});

test("each variable of make new that README.md names is a question", () => {
  const known = questions.map(({ variable }) => variable);
  const named = Object.keys(given()).filter((name) => name !== "STACK");
  assert.ok(named.length > 5);
  for (const name of [...named, "PACKAGES", "IMAGES", "HYPERVISORS", "NODE_ADDRESSES", "TIME"])
    assert.ok(known.includes(name) && readme.includes(`${name}=`), name);
});
