import assert from "node:assert/strict";
import { test } from "node:test";
import {
  choiceRules,
  choose,
  everyWorkload,
  holds,
  type ProfileName,
  profileNames,
} from "../../node-config/workload/choice";
import { alternatives, profiles } from "../../node-config/workload/profiles";
import { answersOf, type Question, questionKeys, type Workload, workload } from "../../node-config/workload/questions";

const all = everyWorkload();
const described = (one: Workload) => questionKeys.map((key) => one[key]).join(" ");
/** Pairs of workloads that differ in one answer: with it, and with the next that asks more of the network. */
function steps(question: Question): [Workload, Workload][] {
  const answers = answersOf(question) as string[];
  return all.flatMap((one) => {
    const more = answers[answers.indexOf(one[question]) + 1];
    return more === undefined ? [] : [[one, { ...one, [question]: more } as Workload] as [Workload, Workload]];
  });
}
const moves = (question: Question, isWrong: (from: ProfileName, to: ProfileName) => boolean) =>
  steps(question)
    .filter(([less, more]) => isWrong(choose(less).profile, choose(more).profile))
    .map(([less, more]) => `${described(less)}: ${choose(less).profile}, then ${choose(more).profile}`);

test("each of all 486 combinations of answers is valid and leads to one profile, by the first rule that holds", () => {
  assert.equal(new Set(all.map(described)).size, 3 * 3 * 3 * 3 * 2 * 3);
  for (const one of all) {
    assert.deepEqual(workload.parse(one), one);
    const [first] = choiceRules.filter(({ when }) => holds(when, one));
    assert.equal(choose(one).profile, first?.profile);
    assert.ok(profileNames.includes(choose(one).profile) && choose(one).because.endsWith("."));
  }
});

test("each profile and each rule is reached, and each question decides somewhere", () => {
  assert.deepEqual(new Set(all.map((one) => choose(one).profile)), new Set(profileNames));
  assert.deepEqual(new Set(all.map((one) => choose(one).because)), new Set(choiceRules.map(({ because }) => because)));
  for (const question of questionKeys)
    assert.notDeepEqual(
      moves(question, (from, to) => from !== to),
      [],
      question,
    );
});

test("whoever needs direct access gets hpc, and nobody else does", () => {
  for (const one of all) assert.equal(choose(one).profile === "hpc", one.directAccess === "needed", described(one));
});

test("whoever puts simplicity first gets the general profile, unless direct access is needed", () => {
  const simple = all.filter(({ priority, directAccess }) => priority === "simplicity" && directAccess === "unneeded");
  for (const one of simple) assert.equal(choose(one).profile, "general", described(one));
});

for (const question of ["communication", "eastWest", "priority"] as const) {
  test(`an answer about ${question} that asks more never leads back to the general profile`, () => {
    assert.deepEqual(
      moves(question, (from, to) => from !== "general" && to === "general"),
      [],
    );
  });
}

test("more sensitive to latency never leads away from latency, nor from anything to general", () => {
  assert.deepEqual(
    moves("latency", (from, to) => from === "latency" && to !== "latency"),
    [],
  );
  assert.deepEqual(
    moves("latency", (from, to) => from !== "general" && to === "general"),
    [],
  );
});

test("larger exchanges never lead away from throughput, nor from anything to general", () => {
  const found = moves(
    "exchange",
    (from, to) => (from === "throughput" && to !== from) || (from !== to && to === "general"),
  );
  assert.deepEqual(found, []);
});

test("the answers on which a choice rests are told as they were given", () => {
  const found = choose({
    communication: "constantly",
    latency: "sensitive",
    eastWest: "most",
    exchange: "small-messages",
    directAccess: "unneeded",
    priority: "performance",
  });
  assert.equal(found.profile, "latency");
  assert.deepEqual(found.answers, [
    "How often do pods talk to each other? constantly",
    "How sensitive are they to latency? sensitive",
    "How much of the traffic is between nodes? most",
    "Do they exchange small messages or large data sets? small-messages",
  ]);
});

test("hpc says which setting makes the second interface and which machines have none, and Weave Net that it is archived", () => {
  assert.match(profiles.hpc.turnsOn.join(" "), /network\.fabric .* RuntimeClass fabric .* eth1/);
  assert.match(profiles.hpc.notHere.join(" "), /second card of virtual machines .* SR-IOV/);
  assert.match(alternatives.find(({ name }) => name === "Weave Net")?.betterWhen ?? "", /archived/);
});

test("an answer that is missing or is none is refused with the question and the answers that there are", () => {
  const [given] = all;
  const refused = (change: object) =>
    workload.safeParse({ ...given, ...change }).error?.issues.map(({ path, message }) => `${path}: ${message}`);
  assert.deepEqual(refused({ latency: undefined }), [
    "latency: is missing: How sensitive are they to latency? Choose one of tolerant, sensitive, critical",
  ]);
  assert.match(refused({ directAccess: true })?.[0] ?? "", /^directAccess: is no answer: .* unneeded, needed$/);
});
