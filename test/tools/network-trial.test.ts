import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { networkProblems, type TrialFacts } from "../../components/trial/judge";
import { tryNetwork } from "../../components/trial/trial";
import type { Run } from "../../components/verify/run";
import { asRoot } from "../../tools/run";
import {
  bridged,
  type Machine,
  machines,
  makeNetwork,
  name,
  onMachine,
  removeNetwork,
  routed,
  under,
} from "./provider-network";

before(makeNetwork);
after(removeNetwork);

const facts = (...chosen: Machine[]): TrialFacts => ({
  nodes: chosen.map((machine) => ({
    name: machine,
    role: machine.startsWith("cp") ? "control-plane" : "worker",
    address: machines[machine],
  })),
  podCidr: "10.244.0.0/16",
  mtu: 1500,
  hasRouters: false,
});
const near = facts("cp1", "cp2", "worker1");

async function problems(tried: TrialFacts): Promise<string> {
  return networkProblems(tried, await tryNetwork({ ...tried, seconds: 5 }, onMachine)).join("\n");
}

test("a network that carries everything is found good, with round trips between control planes", async () => {
  const directions = await tryNetwork({ ...near, seconds: 30 }, onMachine);
  assert.deepEqual(networkProblems(near, directions), []);
  assert.equal(directions.length, 6);
  const timed = directions.filter(({ roundTripMilliseconds: ms }) => ms !== undefined && ms > 0 && ms < 100);
  assert.deepEqual(
    timed.map(({ from, to }) => `${from.name} ${to.name}`),
    ["cp1 cp2", "cp2 cp1"],
  );
});

test("a network that drops pods' addresses is refused, with the machines and the setting that goes on", async () => {
  await under(bridged("ip saddr 10.244.0.0/16 drop"), async () => {
    assert.match(
      await problems(near),
      /^packets with pods' addresses \(10\.244\.0\.0\/16\) are dropped from cp1 to cp2, .*from worker1 to cp2; other packets pass, .*anti-spoofing.*network\.calico\.encapsulation: { by: vxlan, where: always } \(vxlan takes 50 bytes of each packet, ipip takes 20 .*exception\)$/,
    );
    for (const by of ["vxlan", "ipip"] as const)
      assert.equal(await problems({ ...near, encapsulation: { by, where: "always" } }), "");
  });
});

test("one port that checks addresses is named alone", async () => {
  await under(bridged("iifname worker1 ip saddr != 10.20.0.21 drop"), async () => {
    assert.match(await problems(near), /are dropped from worker1 to cp1, from worker1 to cp2; /);
  });
});

test("a way out is offered only where the trial saw it pass", async () => {
  await under(bridged("ip saddr 10.244.0.0/16 drop", "udp dport 4789 drop"), async () => {
    assert.match(await problems(near), /encapsulation: { by: ipip, where: always }/);
    const vxlan: TrialFacts = { ...near, encapsulation: { by: "vxlan", where: "always" } };
    assert.match(await problems(vxlan), /^VXLAN \(UDP port 4789\) is dropped .*, or set by: ipip, which passed here$/);
  });
  await under(bridged("ip saddr 10.244.0.0/16 drop", "udp dport 4789 drop", "ip protocol 4 drop"), async () => {
    assert.match(await problems(near), /dropped as well, so encapsulation is no way out$/);
  });
});

test("a network that drops BGP is refused whatever carries the pods", async () => {
  await under(bridged("tcp dport 179 drop"), async () => {
    for (const encapsulation of [undefined, { by: "vxlan", where: "always" }] as const)
      assert.match(
        await problems({ ...near, ...(encapsulation && { encapsulation }) }),
        /^TCP port 179 \(BGP\) is dropped from cp1 to cp2/,
      );
  });
});

test("a network that takes smaller packets is refused with the MTU that arrives everywhere", async () => {
  await under(bridged("ip length > 1450 drop"), async () => {
    assert.match(await problems(near), /^packets of 1500 bytes, .* set network\.mtu: 1450, which arrived everywhere/);
    assert.equal(await problems({ ...near, mtu: 1450 }), "");
  });
  assert.match(
    await problems({ ...near, mtu: 9000 }),
    /the network card of cp1, cp2, worker1 takes less\); set network\.mtu: 1500/,
  );
});

test("a machine that a firewall of the provider cuts off, and an address that nobody has, are told apart", async () => {
  await under(bridged("iifname worker1 ip protocol != icmp drop"), async () => {
    assert.match(
      await problems(near),
      /^nothing arrives from worker1 to cp1, from worker1 to cp2, at the network card/,
    );
  });
  await under(bridged("iifname worker1 drop", "oifname worker1 drop"), async () => {
    await asRoot("ip", "-n", name("cp1"), "neighbour", "flush", "all");
    assert.match(
      await problems(near),
      /cp1 finds nobody with 10\.20\.0\.21, the address of worker1, on its own segment/,
    );
  });
});

test("between subnets pods pass by routers that learn where they are, or across subnets in a second header", async () => {
  const apart = facts("cp1", "worker1", "far");
  assert.match(
    await problems(apart),
    /^packets with pods' addresses .* dropped from cp1 to far, .*network\.calico\.peers.*where: across-subnets/,
  );
  assert.equal(await problems({ ...apart, hasRouters: true }), "");
  const across: TrialFacts = { ...apart, encapsulation: { by: "vxlan", where: "across-subnets" } };
  assert.equal(await problems(across), "");
  await under(routed("udp dport 4789 drop"), async () => {
    assert.match(
      await problems(across),
      /^VXLAN \(UDP port 4789\) is dropped from cp1 to far, from worker1 to far, from far to cp1/,
    );
  });
});

test("a machine that does not answer is said, and the others are tried", async () => {
  const said: string[] = [];
  const nodes = [...near.nodes, { name: "gone", role: "worker", address: "10.20.0.99" } as const];
  const directions = await tryNetwork({ ...near, nodes, seconds: 5 }, onMachine, { say: (line) => said.push(line) });
  assert.deepEqual(networkProblems(near, directions), []);
  assert.equal(directions.length, 6);
  assert.match(said.join("\n"), /gone did not answer, so nothing is known of its network: .*No route to host/);
});

test("a machine that is too busy to send is not taken for a network that drops its packets", async () => {
  const said: string[] = [];
  let haveListened = () => {};
  const heard = new Promise<void>((resolve) => {
    haveListened = resolve;
  });
  let listeners = 0;
  // cp2 sends nothing before the others have listened in vain once.
  const busy: Run = async (machine, script, stdin, seconds) => {
    const isListening = JSON.parse(stdin ?? "").do === "listen";
    if (machine === "cp2" && !isListening) await heard;
    const printed = await onMachine(machine, script, stdin, seconds);
    if (isListening && ++listeners === 3) haveListened();
    return printed;
  };
  const directions = await tryNetwork({ ...near, seconds: 4 }, busy, { say: (line) => said.push(line) });
  assert.deepEqual(networkProblems(near, directions), []);
  assert.match(said.join("\n"), /too busy to send while cp1, worker1 listened for 4 s; they try again for 8 s/);
});

test("machines are left as they were: no address, no route, no rule, no process", async () => {
  const shown = "ip address; ip route; nft list ruleset; ss -Hlntup; ip netns pids $(ip netns identify $$) | wc -l";
  const state = async () =>
    (
      await Promise.all(
        Object.keys(machines).map((machine) => asRoot("ip", "netns", "exec", name(machine), "bash", "-c", shown)),
      )
    ).map(String);
  const before = await state();
  await tryNetwork({ ...near, seconds: 5 }, onMachine);
  assert.deepEqual(await state(), before);
});
