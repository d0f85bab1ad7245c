import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { answersTo, commandOf } from "../../tools/new/answers";
import { machinesIn } from "../../tools/new/machine";
import { questions } from "../../tools/new/questions";
import { answers as all } from "./new-samples";

const given: Record<string, string> = { ...all, MACHINES: "a@10.0.0.1 b@10.0.0.2 c@10.0.0.3" };

/** Somebody who types these lines, and what was shown to them. */
function typist(...lines: readonly string[]) {
  const shown: string[] = [];
  const left = [...lines];
  const ask = async (text: string) => {
    shown.push(text);
    return left.shift() ?? assert.fail(`asked ${text}`);
  };
  return { shown, ask };
}

test("each question is a variable of make new, and no other variable reaches it", () => {
  const makefile = readFileSync(join(__dirname, "../../Makefile"), "utf8").replaceAll("\\\n", " ");
  const [, passed = ""] = /^questions := (.*)$/m.exec(makefile) ?? [];
  const variables = questions.map(({ variable }) => variable);
  assert.deepEqual(passed.split(/\s+/).sort(), ["STACK", ...variables].sort());
});

test("a question without a good default is told as missing, all of them at once", async () => {
  await assert.rejects(answersTo({ STACK: "oslo" }), ({ message }: Error) => {
    const missing = [...message.matchAll(/^(\w+): is missing\./gm)].map(([, name]) => name);
    assert.deepEqual(missing, ["HYPERVISORS", "COUNTRY", "CITY", "OPERATOR", "SUPPORT", "DATA_CLASS", "CUSTODIAN"]);
    return true;
  });
});

test("an answer of another form is refused with one of the right form, and so is a variable that asks nothing", async () => {
  await assert.rejects(answersTo({ ...given, OPERATOR: "Eksempel AS", IMAGES: "mirror" }), ({ message }: Error) => {
    assert.match(message, /^OPERATOR: \(Eksempel AS\) is not of that form\..*OPERATOR='Eksempel Drift AS, NO, NO'$/m);
    assert.match(message, /^IMAGES: \(mirror\) is not of that form/m);
    return true;
  });
  await assert.rejects(answersTo({ ...given, CITI: "Oslo" }), /^Error: CITI: is no question; there are .*CITY/);
});

test("what was given is not asked, Enter takes the default that is shown with its reason, and a wrong answer is asked again", async () => {
  const { COUNTRY: _, STATE: __, ...rest } = given;
  const { shown, ask } = typist("Norway", "NO", "");
  // NODE_NETWORK has a default, and is asked where somebody is there.
  const answers = await answersTo({ ...rest, NODE_NETWORK: "10.0.0.0/24" }, ask);
  assert.deepEqual([answers.COUNTRY, answers.STATE], ["NO", "file://"]);
  assert.match(shown[0] ?? "", /^Country in which the machines stand, such as NO\n> $/);
  assert.equal(shown[1], shown[0]);
  assert.match(shown[2] ?? "", /Enter alone: file:\/\/, for a directory of this machine/);
});

test("a mirror's key is asked for only where there is a mirror", async () => {
  const { PACKAGES_KEY: _, MIRROR_OPERATOR: __, ...rest } = given;
  await assert.rejects(answersTo(rest), /^Error: PACKAGES_KEY: is missing/);
  const plain = await answersTo({ ...rest, PACKAGES: "upstream", IMAGES: "upstream" });
  for (const name of ["PACKAGES_KEY", "MIRROR_OPERATOR"]) assert.ok(!(name in plain), name);
});

test("machines or hypervisors: where both are given, or what is the others' alone, one is refused", async () => {
  await assert.rejects(answersTo({ ...given, HYPERVISORS: "root@10.0.0.9" }), /^Error: MACHINES: means nothing beside/);
  await assert.rejects(
    answersTo({ ...given, BRIDGE: "br0" }),
    /^Error: BRIDGE: means nothing beside the other answers/,
  );
  const { MACHINES: _, ...rest } = given;
  const missing = await answersTo({ ...rest, HYPERVISORS: "root@10.0.0.9" }).catch(({ message }: Error) => message);
  assert.match(String(missing), /^NODE_ADDRESSES: is missing.*\nTIME: is missing/);
});

test("the command that goes on asks nothing again, whatever an answer has in it", async () => {
  const answers = await answersTo({ ...given, OPERATOR: "O'Brien & $HOME AS, IE, IE" });
  const command = commandOf(answers);
  assert.match(command, /^make new STACK=oslo /);
  assert.deepEqual(await answersTo(answers, () => assert.fail("asked again")), answers);
  assert.ok(command.includes(String.raw`OPERATOR='O'\''Brien & $$HOME AS, IE, IE'`), command);
});

test("words that are no machine are refused, each, with the form of one", () => {
  assert.deepEqual(machinesIn(`debian@203.0.113.7:2222=SHA256:${"a".repeat(43)}, cp1.eksempel.no`), [
    {
      words: `debian@203.0.113.7:2222=SHA256:${"a".repeat(43)}`,
      ...{ user: "debian", host: "203.0.113.7", port: 2222, fingerprint: `SHA256:${"a".repeat(43)}` },
    },
    { words: "cp1.eksempel.no", user: "root", host: "cp1.eksempel.no", port: 22 },
  ]);
  for (const wrong of ["-oProxyCommand=x", "a@", "a@b:0", "a@b:99999", "a@b=SHA256:short", "a b@c;d"])
    assert.throws(() => machinesIn(wrong), /is no machine; write user@address/, wrong);
});
