import { z } from "zod";
import { defaults } from "../../node-config/defaults";
import * as workloads from "../../node-config/values/workloads";
import { choose, dedicates } from "../../node-config/workload/choice";
import { workload } from "../../node-config/workload/questions";
import { type CrossCheck, crossCheck, kubernetes, network, node } from "./cross-check";

const { mtu } = network.shape;

/** What the workload's network profile asks of other settings. */
export const workloadChecks: readonly CrossCheck[] = [
  crossCheck({ workload, network: z.object({ mtu }) }, ({ workload, network: { mtu } }) =>
    workloads.jumboFrames(workload, mtu),
  ),
  crossCheck(
    { workload, nodes: z.array(node.pick({ name: true, role: true, hypervisor: true, pinnedCpus: true })) },
    ({ workload, nodes }) => workloads.pinnedWorkers(workload, nodes),
  ),
  crossCheck(
    {
      workload: workload.optional().catch(undefined),
      kubernetes: kubernetes.pick({ exclusiveCpus: true }),
      nodes: z.array(node.pick({ name: true, role: true, cpus: true })),
    },
    ({ workload, kubernetes: { exclusiveCpus }, nodes }) => {
      const isWanted = exclusiveCpus !== undefined || (workload !== undefined && dedicates(choose(workload).profile));
      const { reservedSystemCpus } = { ...defaults.exclusiveCpus, ...exclusiveCpus };
      return isWanted ? workloads.leavesCpus(reservedSystemCpus, nodes) : [];
    },
  ),
];
