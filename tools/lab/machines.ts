import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { versions } from "../../node-config/versions";
import { labFiles } from "./plan";

/** What the nodes of a lab are. */
export interface LabMachines {
  /**
   * `native`: system containers that the lab makes and the stack takes as existing machines. `virtual`: virtual machines
   * that the stack makes on the lab's hypervisor, with processors in software where KVM boots no guest.
   */
  readonly machines: "native" | "virtual";
  readonly controlPlanes: 1 | 3;
  readonly workers: number;
  /** Workers on virtual machines, beside native nodes. */
  readonly kvmWorkers: number;
  /** Whether native nodes have a second card, on a network for pods that ask. A lab from before has none. */
  readonly fabric: "yes" | "no";
  /** Whether Services of type LoadBalancer get addresses, which the router learns. A lab from before gives none. */
  readonly loadBalancers: "yes" | "no";
  /** Who has the API server's address: three control planes in turn, or each that announces it. A lab from before: in turn. */
  readonly endpointBy: "vrrp" | "bgp";
  /** Release of Debian that nodes have. */
  readonly debian: string;
}

/** A node of a lab, named as `nodeAddress` takes it. */
export interface LabNode {
  readonly name: string;
  readonly role: "control-plane" | "worker";
  readonly isNative: boolean;
}

/** The nodes of a lab, control planes first. Most pods that verify run on the last one: let that be a fast one. */
export function nodesIn({ machines, controlPlanes, workers, kvmWorkers }: LabMachines): LabNode[] {
  const nodes = (kind: string, count: number, role: LabNode["role"], isNative: boolean) =>
    Array.from({ length: count }, (_, at) => ({ name: `${kind}${at + 1}`, role, isNative }));
  const isNative = machines === "native";
  return [
    ...nodes("cp", controlPlanes, "control-plane", isNative),
    ...nodes("kvm", kvmWorkers, "worker", false),
    ...nodes("worker", workers, "worker", isNative),
  ];
}

/** The nodes of stacks/Pulumi.lab.yaml. */
export const usual: LabMachines = {
  machines: "virtual",
  controlPlanes: 1,
  workers: 1,
  kvmWorkers: 0,
  fabric: "no",
  loadBalancers: "no",
  endpointBy: "vrrp",
  debian: versions.debian,
};

/** What is given to `make lab` → the key, and the values it may have. */
const choices = {
  MACHINES: { key: "machines", values: ["native", "virtual"] },
  CONTROL_PLANES: { key: "controlPlanes", values: [1, 3] },
  WORKERS: { key: "workers", values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
  KVM_WORKERS: { key: "kvmWorkers", values: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
  FABRIC: { key: "fabric", values: ["no", "yes"] },
  LOAD_BALANCERS: { key: "loadBalancers", values: ["no", "yes"] },
  ENDPOINT_BY: { key: "endpointBy", values: ["vrrp", "bgp"] },
  DEBIAN: { key: "debian", values: versions.debianOfNodes },
} as const;

/**
 * Decides what a lab is made of: what is given now, else what it was made of, else one control plane and one worker of
 * the kind that is fastest.
 *
 * @param given Variables of `make lab`, such as MACHINES=native.
 * @param fastest Which kind is fastest on this machine; asked only if nothing else decides.
 * @throws Error with every mistake: a value that there is not, values that don't go together, or a change that a lab
 *   can't take over
 */
export async function chooseMachines(
  lab: string,
  given: Readonly<Record<string, string>>,
  fastest: () => Promise<LabMachines["machines"]>,
): Promise<LabMachines> {
  const kept = await keptMachines(lab);
  const mistakes: string[] = [];
  const chosen: Record<string, string | number> = {};
  for (const [name, text] of Object.entries(given)) {
    const choice = Object.entries(choices).find(([known]) => known === name)?.[1];
    const value = choice?.values.find((one) => String(one) === text);
    if (!choice) mistakes.push(`there is no ${name}; give ${Object.keys(choices).join(", ")}`);
    else if (value === undefined) mistakes.push(`${name}=${text}: choose one of ${choice.values.join(", ")}`);
    else if (kept && name !== "WORKERS" && kept[choice.key] !== value)
      mistakes.push(`${name}=${text}: this lab was made with ${name}=${kept[choice.key]}, which it keeps`);
    else chosen[choice.key] = value;
  }
  // Only native nodes can be several.
  const kind = kept || Object.keys(given).length > 0 ? "native" : await fastest();
  const machines = { ...usual, machines: kind, ...kept, ...chosen };
  if (machines.machines === "virtual") {
    const { controlPlanes, workers, kvmWorkers, fabric } = machines;
    if (fabric === "yes") mistakes.push("virtual machines have no second card; FABRIC=yes needs MACHINES=native");
    if (controlPlanes !== 1 || workers > 1 || kvmWorkers !== 0)
      mistakes.push("virtual machines are one control plane and at most one worker; more of them need MACHINES=native");
  }
  if (mistakes.length === 0) return machines;
  const wayOut = kept ? `Remove the lab first (make lab-down LAB=${lab}), or make another beside it (LAB=other).` : "";
  throw new Error([`lab ${lab}: ${mistakes.join("; ")}.`, wayOut].join(" ").trimEnd());
}

/** Writes down what a lab is made of, so that it stays so. */
export async function keepMachines(lab: string, machines: LabMachines): Promise<void> {
  const { state, machines: file } = labFiles(lab);
  await mkdir(state, { recursive: true, mode: 0o700 });
  await writeFile(file, `${JSON.stringify(machines, null, 2)}\n`);
}

/** What an existing lab is made of. Undefined if there is no such lab. */
async function keptMachines(lab: string): Promise<LabMachines | undefined> {
  const { machines, index } = labFiles(lab);
  if (existsSync(machines)) return { ...usual, ...(JSON.parse(await readFile(machines, "utf8")) as LabMachines) };
  // A lab from before there was a choice.
  return existsSync(index) ? usual : undefined;
}
