import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { hostname, release } from "node:os";
import { test } from "node:test";
import { observedNode } from "../../components/verify/observed-node";
import { textOf } from "../../components/verify/run";
import { run } from "./observing";

const input = { sysctls: ["kernel.ostype"], seconds: 0, mtu: 1500 };
/** The node itself is the other one that it asks for a packet. */
const observe = async (packets: string) =>
  run("verify/observe.sh", { ...input, others: ["127.0.0.1"], fullPackets: packets });

test("observe.sh prints a reading for each command, and why one could not be had", async () => {
  const answers = await observe(await textOf("verify/full-packets.py"));
  const observed = observedNode((name) => answers[name]);
  assert.deepEqual(observed.hostname, { value: hostname() });
  assert.deepEqual(observed.kernel, { value: release() });
  assert.deepEqual(observed.sysctls, { value: new Map([["kernel.ostype", "Linux"]]) });
  assert.ok("value" in observed.stealPercent);
  assert.match(JSON.stringify(observed.bgp), /unreadable/);
  assert.match(answers.cniMtu?.stderr ?? "", /No such file/);
  assert.ok("value" in observed.kernelClock);
  assert.ok("value" in observed.clock && observed.clock.value.began <= observed.clock.value.ended);
});

test("a packet of full size that the path can't carry is told from a node that answers nothing", async () => {
  const packets = await textOf("verify/full-packets.py");
  // A network of its own, whose loopback device has the MTU of a common bridge; no route leads to other addresses.
  const echoes = (mtu: number) => {
    const inside = 'ip link set lo up mtu 1500 && exec python3 -IS -c "$0" "$@"';
    const argv = ["--net", "bash", "-ec", inside, packets, `${mtu}`, "127.0.0.1", "192.0.2.1"];
    const { status, stdout, stderr } = spawnSync("unshare", argv, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stdout;
  };
  assert.equal(echoes(1500), "127.0.0.1 full\n192.0.2.1 none\n");
  assert.equal(echoes(9000), "127.0.0.1 small\n192.0.2.1 none\n");
});

test("residency.sh measures the way to servers whose place is known", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const vantage = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answers = await run("verify/residency.sh", { vantage: [vantage] }).finally(() => server.close());
  assert.match(answers.roundTrips?.stdout ?? "", new RegExp(`^${vantage} \\d+\n$`));
  const names = ["containers", "images", "nameServers", "packages", "registries", "roundTrips", "timeServers"];
  assert.deepEqual(Object.keys(answers).sort(), names);
});
