import { BlockList } from "node:net";
import { z } from "zod";
import { type CrossCheck, crossCheck, hypervisor, kubernetes, network, node, repeated } from "./cross-check";

const nodeCidr = network.pick({ nodeCidr: true });

/** Addresses of machines, and the networks of nodes, pods and Services. */
export const networkChecks: readonly CrossCheck[] = [
  crossCheck(
    {
      hypervisors: z.array(hypervisor.pick({ address: true })).default([]),
      nodes: z.array(node.pick({ address: true })),
    },
    ({ hypervisors, nodes }) =>
      repeated([...hypervisors, ...nodes].map(({ address }) => address)).map(
        (address) => `${address} is the address of two machines; each has its own`,
      ),
  ),

  crossCheck(
    { nodes: z.array(node.pick({ name: true, address: true })), network: nodeCidr },
    ({ nodes, network: { nodeCidr } }) =>
      nodes.flatMap(({ name, address }) => outside(`nodes: the address of ${name}`, address, nodeCidr)),
  ),
  crossCheck({ network: network.pick({ nodeCidr: true, gateway: true }) }, ({ network: { nodeCidr, gateway } }) =>
    outside("network.gateway", gateway, nodeCidr),
  ),
  crossCheck(
    { kubernetes: kubernetes.pick({ endpoint: true }), network: nodeCidr },
    ({ kubernetes: { endpoint }, network: { nodeCidr } }) =>
      outside("kubernetes.endpoint.address", endpoint.address, nodeCidr),
  ),

  crossCheck({ network: network.pick({ nodeCidr: true, podCidr: true, serviceCidr: true }) }, ({ network }) => {
    const all = Object.entries(network);
    return all.flatMap(([name, cidr], i) =>
      all
        .slice(i + 1)
        .filter(([, other]) => overlap(cidr, other))
        .map(
          ([otherName, other]) =>
            `network.${name} ${cidr} overlaps network.${otherName} ${other}; choose disjoint networks`,
        ),
    );
  }),
];

function outside(what: string, address: string, nodeCidr: string): string[] {
  if (contains(nodeCidr, address)) return [];
  return [`${what} is ${address}, outside network.nodeCidr ${nodeCidr}; choose one inside`];
}

function contains(cidr: string, address: string): boolean {
  const [network = "", prefix] = cidr.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(prefix));
  return list.check(address);
}

function overlap(a: string, b: string): boolean {
  return contains(a, b.split("/")[0] ?? "") || contains(b, a.split("/")[0] ?? "");
}
