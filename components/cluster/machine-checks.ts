import { z } from "zod";
import * as machines from "../../node-config/values/machines";
import { fitOnRootDisk } from "../../node-config/values/volumes";
import { type CrossCheck, crossCheck, hypervisor, node } from "./cross-check";

const hosts = <Keys extends z.ZodRawShape>(keys: z.ZodObject<Keys>) => z.array(keys).default([]);

/** Nodes against the machines that carry them. */
export const machineChecks: readonly CrossCheck[] = [
  crossCheck(
    { hypervisors: hosts(hypervisor.pick({ name: true })), nodes: z.array(node.pick({ name: true })) },
    ({ hypervisors, nodes }) => machines.uniqueNames(hypervisors, nodes),
  ),
  crossCheck(
    {
      hypervisors: hosts(hypervisor.pick({ name: true, hostKey: true })),
      nodes: z.array(node.pick({ name: true, machine: true })),
    },
    ({ hypervisors, nodes }) => machines.uniqueHostKeys(hypervisors, nodes),
  ),
  crossCheck(
    {
      hypervisors: hosts(hypervisor.pick({ name: true })),
      nodes: z.array(node.pick({ name: true, hypervisor: true })),
    },
    ({ hypervisors, nodes }) => machines.knownHypervisors(hypervisors, nodes),
  ),
  crossCheck(
    { nodes: z.array(node.pick({ name: true, cpus: true, pinnedCpus: true, hypervisor: true })) },
    ({ nodes }) => machines.pinnedOnce(nodes),
  ),
  crossCheck({ nodes: z.array(node.pick({ name: true, role: true, cpus: true })) }, ({ nodes }) =>
    machines.largeEnough(nodes),
  ),
  crossCheck({ nodes: z.array(node.pick({ name: true, role: true, memoryMiB: true })) }, ({ nodes }) =>
    machines.largeEnough(nodes),
  ),
  crossCheck({ nodes: z.array(node.pick({ name: true, machine: true, rootGiB: true, volumes: true })) }, ({ nodes }) =>
    fitOnRootDisk(nodes.filter(({ machine }) => !machine)),
  ),
  crossCheck({ nodes: z.array(node.pick({ role: true })).min(1) }, ({ nodes }) => machines.oddControlPlanes(nodes)),
  crossCheck(
    {
      hypervisors: z.array(hypervisor.pick({ name: true, pool: true })),
      virtualisation: z.enum(["kvm", "emulated"]).default("kvm"),
    },
    ({ hypervisors, virtualisation }) => machines.emulatedOnlyInLabs(hypervisors, virtualisation),
  ),
  crossCheck({ hypervisors: z.array(hypervisor.pick({ name: true, pool: true, imageDirectory: true })) }, (given) =>
    machines.separateDirectories(given.hypervisors),
  ),
];
