import { choose, dedicates, type ProfileName } from "../workload/choice";
import type { Workload } from "../workload/questions";
import type { Rule } from "./rule";

/** What ties the workload's network profile to settings. Each function returns a sentence for each problem, with the way out. */

interface Node {
  readonly name: string;
  readonly role: string;
  readonly hypervisor?: string;
  readonly cpus?: number;
  readonly pinnedCpus?: readonly number[];
}

/** A list of CPUs as the kernel writes it. */
export const cpuList: Rule = (text) => {
  if (!/^\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*$/.test(text)) return "is no list of CPUs such as 0 or 0-1,8";
  const falling = text.split(",").find((range) => cpusIn(range).length === 0);
  return falling && `has the range ${falling}, which ends before it begins; write the lower CPU first`;
};

/** `0-1,8` → 0, 1, 8. */
export function cpusIn(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  });
}

const waysOut = "or answer kjerne:workload otherwise (make network shows what each answer leads to)";

export function jumboFrames(workload: Workload, mtu: number): string[] {
  return choose(workload).profile === "throughput" && mtu <= 1500
    ? [
        `network.mtu is ${mtu}, and the workload's profile is throughput, which is jumbo frames from pod to pod; set what every card, bridge and switch carries, such as 9000, ${waysOut}`,
      ]
    : [];
}

/** A virtual CPU that its hypervisor moves about is nobody's own. */
export function pinnedWorkers(workload: Workload, nodes: readonly Node[]): string[] {
  const { profile } = choose(workload);
  return dedicates(profile) ? nodes.filter(wanders).map((node) => unpinned(node, profile)) : [];
}

const wanders = ({ role, hypervisor, pinnedCpus }: Node) =>
  role === "worker" && hypervisor !== undefined && pinnedCpus === undefined;

function unpinned({ name, hypervisor }: Node, profile: ProfileName): string {
  return `nodes: ${name} has no pinnedCpus, and the workload's profile is ${profile}, by which pods have CPUs for themselves; list CPUs of ${hypervisor} that nobody else has, ${waysOut}`;
}

/** kubelet does not start where a reserved CPU is not there, and no pod where none is left. */
export function leavesCpus(reserved: string, nodes: readonly Node[]): string[] {
  const taken = cpusIn(reserved);
  return nodes.flatMap(({ name, role, cpus }) => {
    if (role !== "worker" || cpus === undefined) return [];
    const missing = taken.find((cpu) => cpu >= cpus);
    const problem =
      missing !== undefined
        ? `has ${cpus} CPUs, 0 to ${cpus - 1}, and CPU ${missing} is not among them`
        : new Set(taken).size >= cpus && `has ${cpus} CPU${cpus === 1 ? "" : "s"}, and none is left for pods`;
    return problem
      ? [
          `kubernetes.exclusiveCpus.reservedSystemCpus is ${reserved}; worker ${name} ${problem}: reserve fewer, or give it more CPUs`,
        ]
      : [];
  });
}
