import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { untilSucceeds } from "../../tools/lab/until";
import { answers, endpoint, heldBy, names, on, ready } from "./played-announcing";

beforeEach(async () => {
  for (const name of names) ready(name, true);
  await heldBy("cp1", "cp2");
});
afterEach(async () => {
  for (const name of names) await on(name, "rm -f /run/kjerne-endpoint-away");
});

test("each control plane whose own API server is ready has the address, and another one's readiness does not count", async () => {
  ready("cp1", false);
  await heldBy("cp2");
  assert.equal(await answers(), "cp2");
  assert.equal(await answers("cp1"), "cp2", "one without an API server asks another by the router");
  assert.equal(await answers("cp2"), "cp2", "and one with its own asks nobody else");
});

test("while no API server is ready nobody has it, and the first one that is needs no router and no BGP to have it", async () => {
  for (const name of names) ready(name, false);
  await heldBy();
  await on(
    "cp1",
    `nft 'table ip seen { chain out { type filter hook postrouting priority 0; ip daddr ${endpoint} counter; }; }'`,
  );
  await assert.rejects(answers());
  assert.match(await on("cp1", "nft list table ip seen"), /packets 0 /, "it does not go back to the router for ever");
  await on("cp1", "nft delete table ip seen");
  const speaker = (await on("cp2", "pgrep --exact --ns $$ --nslist net bird")).split("\n");
  await on("cp2", `kill -STOP ${speaker.join(" ")}; ip link set lan down`);
  ready("cp2", true);
  await untilSucceeds("cp2 to have it", 30, async () => assert.equal(await answers("cp2"), "cp2"));
  await on("cp2", `ip link set lan up; ip route replace default via 10.20.0.3; kill -CONT ${speaker.join(" ")}`);
  await heldBy("cp2");
});

test("before its API server restarts one lets routers lead to the other, and takes it again when that is over", async () => {
  const script = "kjerne-give-endpoint away; ip -4 address show dev lo; sleep 5; ip -4 address show dev lo";
  assert.ok(!(await on("cp1", `bash -c '${script}'`)).includes(endpoint), "not while the script runs that wanted it");
  await heldBy("cp1", "cp2");
  await on("cp1", "bash -c 'kjerne-give-endpoint away; kjerne-give-endpoint back'");
  await heldBy("cp1", "cp2");
});

test("a script that is killed before it gives the address back keeps it from nobody", async () => {
  await on("cp1", "bash -c 'kjerne-give-endpoint away; kill -KILL $$' || true");
  await heldBy("cp1", "cp2");
});

test("where no other one answers it stays, and that is said", async () => {
  ready("cp2", false);
  await heldBy("cp1");
  assert.match(
    await on("cp1", "bash -c 'kjerne-give-endpoint away; true'"),
    /10\.99\.0\.1 stays here: routers lead to no/,
  );
  assert.equal(await answers(), "cp1");
  await heldBy("cp1");
});

test("it has no address any more where what gives it is stopped, and one that was killed begins again with it", async () => {
  const find = () => on("cp1", "pgrep --ns $$ --nslist net --full '[s]bin/kjerne-announce-endpoint'");
  const killed = await find();
  await on("cp1", `kill -KILL ${killed}`);
  let running = "";
  await untilSucceeds("it to begin again", 30, async () => {
    running = await find();
    assert.notEqual(running, killed);
  });
  await heldBy("cp1", "cp2");
  const ended = `while [[ -e /proc/${running} ]]; do sleep 0.02; done`;
  assert.equal(await on("cp1", `kill -TERM ${running}; ${ended}; ip -4 address show dev lo to ${endpoint}/32`), "");
});
