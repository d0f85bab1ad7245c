import type { SeenMachine } from "./facts";
import {
  addressesIn,
  type HypervisorSettings,
  hypervisorProblems,
  hypervisorsOf,
  type KvmNodeSettings,
  kvmNodesOf,
  onBridge,
} from "./hypervisors";
import { nodeNetworkOf, type SharedNetwork } from "./networks";
import { type NodeSettings, nameProblems, nodesOf } from "./nodes";
import type { Answers } from "./questions";

/** Which machines a cluster has, and in which network. */
export interface Plan {
  readonly network: SharedNetwork;
  readonly hypervisors: readonly HypervisorSettings[];
  readonly nodes: readonly (NodeSettings | KvmNodeSettings)[];
  /** Addresses that nobody may have yet. */
  readonly free: readonly string[];
}

/** @throws Error with everything of the machines that stands in the way */
export function planOf(answers: Answers, seen: readonly SeenMachine[]): Plan {
  const { HYPERVISORS = "", ENDPOINT = "" } = answers;
  const isVirtual = HYPERVISORS !== "";
  const releases = [...new Set(seen.map(({ facts }) => facts.codename))];
  const problems = [
    ...nameProblems(seen),
    ...(isVirtual ? hypervisorProblems(seen, answers) : []),
    ...(isVirtual || releases.length < 2
      ? []
      : [
          `the machines have the releases ${releases.join(" and ")}, and nodes install from one: give all of them the same`,
        ]),
  ];
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const endpoint = ENDPOINT === "" ? [] : [ENDPOINT];
  if (!isVirtual) {
    const network = nodeNetworkOf(answers, seen);
    return { network, hypervisors: [], nodes: nodesOf(seen, network, ENDPOINT !== ""), free: endpoint };
  }
  return {
    network: nodeNetworkOf(
      answers,
      seen.map((one) => onBridge(one, answers)),
    ),
    hypervisors: hypervisorsOf(seen, answers),
    nodes: kvmNodesOf(seen, answers),
    free: [...addressesIn(answers.NODE_ADDRESSES), ...endpoint],
  };
}

/**
 * What is wrong with the neighbours that the first machine sees.
 *
 * @param answering Addresses that answered it.
 */
export function neighbourProblems(
  { network, free }: Plan,
  seen: readonly SeenMachine[],
  answering: readonly string[],
): string[] {
  const [first] = seen;
  return [
    ...network.addresses.flatMap((address, at) =>
      answering.includes(address)
        ? []
        : [
            `${seen[at]?.machine.words}: ${first?.machine.words} does not reach it at ${address} in ${network.cidr}; put both into one network, or name another NODE_NETWORK`,
          ],
    ),
    ...free
      .filter((address) => answering.includes(address))
      .map(
        (address) => `${address}: something in ${network.cidr} has this address already; choose one that nobody has`,
      ),
  ];
}
