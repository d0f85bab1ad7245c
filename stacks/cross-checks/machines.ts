import { z } from "zod";
import { schema } from "../schema";
import { type CrossCheck, crossCheck, hypervisor, kubernetes, node, repeated } from "./cross-check";

/** Names, sizes and placement of hypervisors and nodes. */
export const machineChecks: readonly CrossCheck[] = [
  crossCheck(
    { hypervisors: z.array(hypervisor.pick({ name: true })).default([]), nodes: z.array(node.pick({ name: true })) },
    ({ hypervisors, nodes }) =>
      repeated([...hypervisors, ...nodes].map(({ name }) => name)).map(
        (name) => `${name} is the name of two machines; names are unique across hypervisors and nodes`,
      ),
  ),

  crossCheck(
    {
      hypervisors: z.array(hypervisor.pick({ name: true })).default([]),
      nodes: z.array(node.pick({ name: true, hypervisor: true })),
    },
    ({ hypervisors, nodes }) => {
      const known = hypervisors.map(({ name }) => name);
      const choice = known.length > 0 ? `choose one of ${known.join(", ")}` : "list it under hypervisors";
      return nodes
        .filter(({ hypervisor }) => hypervisor !== undefined && !known.includes(hypervisor))
        .map((node) => `nodes: ${node.name} lies on hypervisor ${node.hypervisor}; ${choice}`);
    },
  ),

  crossCheck({ nodes: z.array(node.pick({ name: true, cpus: true, pinnedCpus: true })) }, ({ nodes }) =>
    nodes
      .filter(({ cpus, pinnedCpus }) => pinnedCpus && pinnedCpus.length !== cpus)
      .map(
        ({ name, cpus, pinnedCpus }) =>
          `nodes: ${name} pins ${pinnedCpus?.length} CPUs and has ${cpus}; list one host CPU for each`,
      ),
  ),

  // The next two are kubeadm's rules ("Before you begin" in its installation guide), which it checks when it runs.
  crossCheck({ nodes: z.array(node.pick({ name: true, role: true, cpus: true })) }, ({ nodes }) =>
    nodes
      .filter(({ role, cpus = 2 }) => role === "control-plane" && cpus < 2)
      .map(({ name, cpus }) => `nodes: ${name} has ${cpus} CPU; kubeadm wants 2 for a control plane: set cpus: 2`),
  ),
  crossCheck({ nodes: z.array(node.pick({ name: true, role: true, memoryMiB: true })) }, ({ nodes }) =>
    nodes
      .filter(({ role, memoryMiB = 2048 }) => role === "control-plane" && memoryMiB < 2048)
      .map(
        ({ name, memoryMiB }) =>
          `nodes: ${name} has ${memoryMiB} MiB; kubeadm wants 2 GiB for a control plane: set memoryMiB: 2048 or more`,
      ),
  ),

  crossCheck({ nodes: z.array(node.pick({ role: true })).min(1) }, ({ nodes }) => {
    const { length } = nodes.filter(({ role }) => role === "control-plane");
    return length % 2 === 1 ? [] : [`nodes: there are ${length} control planes; etcd needs an odd number, 1 or 3`];
  }),

  crossCheck(
    {
      nodes: z.array(node.pick({ role: true, address: true })),
      kubernetes: kubernetes.pick({ endpoint: true }),
    },
    ({ nodes, kubernetes: { endpoint } }) => {
      const [first, ...others] = nodes.filter(({ role }) => role === "control-plane");
      if (!first || others.length > 0 || first.address === endpoint.address) return [];
      return [
        `kubernetes.endpoint.address is ${endpoint.address}; with one control plane it is that node's own, ${first.address}`,
      ];
    },
  ),

  crossCheck(
    {
      hypervisors: z.array(hypervisor.pick({ name: true, pool: true })),
      virtualisation: schema.shape.virtualisation,
    },
    ({ hypervisors, virtualisation }) =>
      hypervisors
        .filter(({ pool }) => pool.medium === "emulated" && virtualisation !== "emulated")
        .map(
          ({ name }) =>
            `hypervisors: the pool of ${name} is emulated, which only a lab may have; set medium: nvme, or virtualisation: emulated`,
        ),
  ),
];
