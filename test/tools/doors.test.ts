import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type DoorFacts, doorFiles } from "../../node-config/doors";
import { address, type Door, ends, type Machine, makeNetwork, nft, removeNetwork } from "./doors-network";

const facts = {
  podCidr: "10.244.0.0/16",
  serviceCidr: "10.96.0.0/16",
  nodeCidr: "10.20.0.0/24",
  controlPlanes: [address.controlPlane],
  apiPorts: [6443],
  routers: [],
  hypervisors: [address.hypervisor],
  endpoint: address.endpoint,
  nameservers: ["10.20.0.1"],
  operators: [],
  openToPods: [9100],
};
function rulesOf(facts: DoorFacts): string {
  const files = doorFiles(facts);
  return ["facts", "doors"].map((name) => files[`/etc/kjerne/doors/${name}.nft`]?.content).join("");
}

before(makeNetwork);
after(removeNetwork);

const closed: readonly Door[] = [
  { from: "pod", to: "node", ports: [22, 179, 2379, 5432, 10250, 10256] },
  { from: "pod with an address of the nodes' network", to: "node", ports: [22, 179, 5432, 10250] },
  { from: "otherPod", to: "node", ports: [22, 179, 2379, 10250, 10256] },
  { from: "pod", to: "service", ports: [22, 10250] },
  { from: "operator", to: "service", ports: [22] },
  { from: "pod", to: "otherNode", ports: [22, 179, 10250] },
  { from: "pod", to: "hypervisor", ports: [22, 5432] },
  { from: "pod", to: "metadata", ports: [22, 5432] },
  { from: "pod", to: "endpoint", ports: [22, 179, 2379, 10250] },
  { from: "pod", to: "address of no Service", ports: [22, 9100, 30080] },
  { from: "otherNode", to: "node", ports: [2379, 10250, 10256] },
  { from: "operator", to: "node", ports: [179, 2379, 10250, 10256] },
  { from: "pod on the link", to: "fe80::1%eth0", ports: [22, 6443, 10250] },
  { from: "neighbour on the link", to: "fe80::1%eth0", ports: [22, 179, 10250] },
];
const open: readonly Door[] = [
  { from: "pod", to: "node", ports: [6443, 9100, 30080] },
  { from: "pod", to: "otherNode", ports: [6443, 30080] },
  { from: "pod", to: "endpoint", ports: [6443] },
  { from: "pod", to: "database", ports: [5432] },
  { from: "pod", to: "operator", ports: [22] },
  { from: "controlPlane", to: "node", ports: [2379, 10250] },
  { from: "otherNode", to: "node", ports: [179, 6443] },
  { from: "operator", to: "node", ports: [22, 6443, 30080, 5432] },
];

const wanted = (doors: readonly Door[], end: string) =>
  doors.flatMap(({ from, to, ports }) => ports.map((port) => `${from} to ${to} port ${port}: ${end}`)).sort();

test("without the table every door that it closes stands open, so that what follows shows the table", async () => {
  assert.deepEqual(await ends(closed), wanted(closed, "open"));
});

test("the table closes each door to those who have no business there, and nothing else", async () => {
  await nft(rulesOf(facts));
  assert.deepEqual(await ends(closed), wanted(closed, "closed"));
  assert.deepEqual(await ends(open), wanted(open, "open"));
});

test("a node is known by its BGP session, and reaches no sshd from then on", async () => {
  await nft(`add element inet kjerne nodes { ${address.otherNode} }`);
  const doors: Door[] = [{ from: "otherNode", to: "node", ports: [22] }];
  assert.deepEqual(await ends(doors), wanted(doors, "closed"));
});

test("a control plane that verifies reaches sshd of a node that knows it, and no other node and no pod does", async () => {
  const known = `add element inet kjerne nodes { ${address.otherNode}, ${address.controlPlane} }`;
  const from = (...machines: Machine[]): Door[] => machines.map((from) => ({ from, to: "node", ports: [22] }));
  await nft(known);
  assert.deepEqual(await ends(from("controlPlane")), wanted(from("controlPlane"), "closed"));
  await nft(`delete table inet kjerne\n${rulesOf({ ...facts, verifiers: [address.controlPlane] })}${known}`);
  assert.deepEqual(await ends(from("controlPlane")), wanted(from("controlPlane"), "open"));
  const kept: Door[] = [...closed, ...from("otherNode")];
  assert.deepEqual(await ends(kept), wanted(kept, "closed"));
});
