import assert from "node:assert/strict";
import { test } from "node:test";
import { type DoorFacts, doorFiles } from "../../node-config/doors";

const facts: DoorFacts = {
  podCidr: "10.244.0.0/16",
  serviceCidr: "10.96.0.0/16",
  nodeCidr: "10.20.0.0/24",
  controlPlanes: ["10.20.0.12", "10.20.0.11"],
  apiPorts: [6443, 6443],
  routers: ["10.20.0.1"],
  hypervisors: ["10.20.0.2"],
  nameservers: ["10.20.0.1"],
  operators: [],
  openToPods: [],
};

function defined(changed: Partial<DoorFacts>): Record<string, string> {
  const text = doorFiles({ ...facts, ...changed })["/etc/kjerne/doors/facts.nft"]?.content ?? "";
  return Object.fromEntries([...text.matchAll(/^define (\w+) = \{ (.*) \}$/gm)].map(([, name, set]) => [name, set]));
}

test("the facts of the doors name each group, and the order in which the settings list machines is no change", () => {
  assert.deepEqual(defined({}), {
    pod_network: "10.244.0.0/16",
    service_networks: "10.96.0.0/16",
    node_network: "10.20.0.0/24",
    control_planes: "10.20.0.11, 10.20.0.12",
    routers: "10.20.0.1",
    hypervisors: "10.20.0.2",
    endpoint: "127.0.0.1/32",
    nameservers: "10.20.0.1",
    operators_ipv4: "0.0.0.0/0",
    operators_ipv6: "2000::/3, fc00::/7",
    open_to_pods: "6443, 30000-32767",
    verifiers: "127.0.0.1/32",
  });
});

test("addresses of Services are those of the cluster and those of LoadBalancers, in whatever order the settings have them", () => {
  const { service_networks } = defined({ loadBalancerCidrs: ["10.81.0.0/24", "10.80.0.0/24"] });
  assert.equal(service_networks, "10.96.0.0/16, 10.80.0.0/24, 10.81.0.0/24");
});

test("operators of one family leave sshd closed in the other, and a cluster without routers has a set all the same", () => {
  const { operators_ipv4, operators_ipv6, routers } = defined({ operators: ["192.0.2.0/24"], routers: [] });
  assert.deepEqual([operators_ipv4, operators_ipv6, routers], ["192.0.2.0/24", "::1/128", "127.0.0.1/32"]);
});

test("pods may ask the API server, what stands before it, NodePorts and the ports of the settings", () => {
  assert.equal(defined({ apiPorts: [6443, 443], openToPods: [9100] }).open_to_pods, "443, 6443, 9100, 30000-32767");
});
