import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointHeld } from "../../components/verify/endpoint-check";
import type { Link } from "../../components/verify/observed-node";

const endpoint = "10.20.0.30";
const node = (name: string, ...addresses: string[]) => {
  const link: Link = { name: "eth0", mtu: 1500, isUp: true, kind: "ether", addresses };
  return { node: name, links: { value: [link] } };
};

test("the endpoint's address is held where exactly one control plane has it", () => {
  const { passed, found } = endpointHeld(endpoint, [node("cp1", "10.20.0.31"), node("cp2", "10.20.0.32", endpoint)]);
  assert.deepEqual([passed, found], [true, "cp2 has it"]);
});

test("an address that nobody has, that two have, or of which nothing can be read fails endpoint-held", () => {
  const nobody = endpointHeld(endpoint, [node("cp1", "10.20.0.31"), node("cp2", "10.20.0.32")]);
  const two = endpointHeld(endpoint, [node("cp1", endpoint), node("cp2", endpoint)]);
  const unread = endpointHeld(endpoint, [node("cp1", endpoint), { node: "cp2", links: { unreadable: "no answer" } }]);
  assert.deepEqual(
    [nobody, two, unread].map(({ id, passed, found }) => [id, passed, found]),
    [
      ["endpoint-held", false, "nobody has it"],
      ["endpoint-held", false, "cp1 and cp2 have it"],
      ["endpoint-held", false, "unreadable: no answer"],
    ],
  );
});
