import assert from "node:assert/strict";
import { test } from "node:test";
import { untilSucceeds } from "../../tools/lab/until";
import { asRoot } from "../../tools/run";
import {
  answers,
  held,
  holders,
  isReady,
  knows,
  log,
  names,
  off,
  on,
  processOf,
  ready,
  staysWith,
  takeFrom,
} from "./played-vrrp";

test("one of three control planes has the address, and another when its API server is not ready any more", async () => {
  await on(names);
  const first = await held(names);
  assert.equal(await answers(), first);
  ready(first, false);
  const second = await held(names.filter((name) => name !== first));
  assert.equal(await answers(), second);
});

test("when who has it loses its power another takes it, and keeps it when the first comes back", async () => {
  await on(names);
  const first = await held(names);
  await off(first);
  const second = await held(names.filter((name) => name !== first));
  await on([first], names);
  await staysWith(second, [first]);
});

test("before any API server has started one has the address, and who starts first takes it", async () => {
  await on(names);
  for (const name of names) ready(name, false);
  await held(names);
  ready("cp2", true);
  await held(["cp2"]);
});

test("a single control plane has it, and gives it to nobody when two more come", async () => {
  await on(["cp1"]);
  await held(["cp1"]);
  await isReady("cp1");
  await knows("cp1", names);
  await on(["cp2", "cp3"], names);
  await staysWith("cp1", ["cp2", "cp3"]);
  await Promise.all([off("cp2"), off("cp3")]);
  await knows("cp1", ["cp1"]);
  assert.doesNotMatch(log("cp1"), /Entering BACKUP STATE.*Entering BACKUP STATE/s, "it kept the address all the time");
});

test("before who has it leaves another takes it, and keeps it without more weight than the rest", async () => {
  await on(names);
  for (const name of names) await isReady(name);
  const first = await held(names);
  const [taker = first, third = first] = names.filter((name) => name !== first);
  assert.match(await takeFrom(first, taker), /^took the endpoint's address/);
  assert.deepEqual(await holders(), [taker], "the one that leaves gives it up at once");
  assert.equal(await answers(), taker);
  await staysWith(taker, [first, third]);
  assert.equal(await takeFrom(first, third), "", "one that has it not has nothing that could be taken");
  assert.deepEqual(await holders(), [taker]);
  ready(taker, false);
  await held([first, third]);
});

test("before its API server restarts one lets another have the address, and takes it back from nobody", async () => {
  await on(names);
  for (const name of names) await isReady(name);
  const first = await held(names);
  const others = names.filter((name) => name !== first);
  const give = async (step: string) =>
    asRoot("nsenter", "--target", await processOf(first), "--mount", "--net", "kjerne-give-endpoint", step);
  assert.equal(await give("away"), "");
  const second = await held(others);
  assert.equal(await answers(), second);
  await give("back");
  await staysWith(second, [first]);
  for (const name of others) ready(name, false);
  await held([first]);
  assert.match(await give("away"), /stays here: no other control plane has an API server that answers/);
  assert.deepEqual(await holders(), [first]);
  await give("back");
});

test("a control plane that stays takes the address from those that leave, which don't take it back", async () => {
  await on(names);
  for (const name of names) await isReady(name);
  const first = await held(names);
  const [stays = first, other = first] = names.filter((name) => name !== first);
  await knows(stays, [stays]);
  await held([stays]);
  await staysWith(stays, [first, other]);
  ready(stays, false);
  await held([first, other]);
  ready(stays, true);
  await held([stays]);
  await Promise.all([off(first), off(other)]);
  await knows(stays, [stays]);
  assert.equal((await asRoot("cat", `/proc/${await processOf(stays)}/root/run/kjerne-vrrp-leaving.conf`)).trim(), "");
});

test("one whose own API server does not answer takes the address from nobody", async () => {
  await on(names);
  for (const name of names) await isReady(name);
  const first = await held(names);
  const [taker = first] = names.filter((name) => name !== first);
  ready(taker, false);
  await untilSucceeds(`keepalived of ${taker} to see it`, 30, async () => {
    assert.match(log(taker), /Changing effective priority from 150 to 100/);
  });
  assert.match(await takeFrom(first, taker), /stays with/);
  assert.deepEqual(await holders(), [first]);
});
