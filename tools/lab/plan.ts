import { join } from "node:path";
import { stateDirectory } from "../cache";

/** The machines of a lab. Each is a set of Linux namespaces with a process 1 of its own. */
export const roles = ["router", "hypervisor", "mirror"] as const;
export type Role = (typeof roles)[number];

/** Addresses of a lab. All follow from its index. */
export interface LabAddresses {
  /** 0 to 255, claimed by `claimIndex`. Index 0 gives the addresses in `stacks/Pulumi.lab.yaml`. */
  readonly index: number;
  /** The host's end of the link to the router; both ends have this name. */
  readonly uplink: string;
  readonly nodeNetwork: string;
  readonly router: string;
  readonly hypervisor: string;
  readonly mirror: string;
  /** Which three control planes have in turn. */
  readonly endpoint: string;
  /** Which control planes announce to the router, instead: in no network of machines. */
  readonly announcedEndpoint: string;
  /** Of Services of type LoadBalancer, on the far side of no link: nodes announce it to the router. */
  readonly loadBalancers: string;
  /** The host's address on the link, and the router's. */
  readonly host: string;
  readonly routerUplink: string;
}

export function labAddresses(index: number): LabAddresses {
  return {
    index,
    uplink: `${uplinkPrefix}${index}`,
    nodeNetwork: `10.77.${index}.0/24`,
    router: `10.77.${index}.1`,
    hypervisor: `10.77.${index}.2`,
    mirror: `10.77.${index}.3`,
    endpoint: `10.77.${index}.4`,
    announcedEndpoint: `10.78.${index}.10`,
    loadBalancers: `10.79.${index}.0/24`,
    host: `10.78.${index}.1`,
    routerUplink: `10.78.${index}.2`,
  };
}

/**
 * The address of a node in the lab's node network; `stacks/Pulumi.lab.yaml` has the same for its nodes.
 *
 * @param name `cp` (a control plane), `worker`, or `kvm` (a worker on a virtual machine beside native nodes), and its
 *   number from 1 to 9.
 */
export function nodeAddress({ nodeNetwork }: LabAddresses, name: string): string {
  const [, kind, number] = nodeName.exec(name) ?? [];
  const tens = { cp: 1, worker: 2, kvm: 3 }[kind ?? ""];
  if (!tens)
    throw new Error(`node "${name}": a node of a lab is called cp1 to cp9, worker1 to worker9 or kvm1 to kvm9`);
  return nodeNetwork.replace("0/24", `${tens}${number}`);
}

const nodeName = /^(cp|worker|kvm)([1-9])$/;

/** The name of an uplink is this prefix and the lab's index. */
export const uplinkPrefix = "kjerne";

/** The network namespace of one machine of a lab. */
export const namespaceOf = (lab: string, role: Role) => `kjerne-${lab}-${role}`;

/** The network namespace of a native node, and its group in each hierarchy of control groups. */
export const nodeNamespaceOf = (lab: string, node: string) => `kjerne-${lab}-${node}`;

/** The lab and the machine or native node that a network namespace belongs to. Undefined if it is no lab's. */
export function machineOf(namespace: string): { lab: string; machine: string } | undefined {
  const [, lab, machine] = namespacePattern.exec(namespace) ?? [];
  return lab && machine ? { lab, machine } : undefined;
}

const namespacePattern = new RegExp(`^kjerne-(.+)-(${roles.join("|")}|cp[1-9]|worker[1-9])$`);

/** Paths of a lab's files, which are removed with the lab. */
export const labFiles = (lab: string) => {
  const state = stateDirectory(lab);
  return {
    state,
    stackFile: join(state, `Pulumi.${lab}.yaml`),
    index: join(state, "index"),
    /** What the lab is made of, as `chooseMachines` keeps it. */
    machines: join(state, "machines.json"),
    machine: (role: Role) => join(state, role),
    pool: join(state, "pool"),
    nodes: join(state, "nodes"),
    node: (name: string) => join(state, "nodes", name),
    sshKey: join(state, "ssh/id_ed25519"),
    hostKey: join(state, "ssh/host_key"),
    /** Pins the hypervisor's host key under the name "hypervisor". */
    knownHosts: join(state, "ssh/known_hosts"),
    /** TCP-MD5 password of the router's BGP sessions, mode 0600. */
    bgpPassword: join(state, "router-password"),
    kubeconfig: join(state, "kubeconfig"),
    pulumi: join(state, "pulumi"),
    passphrase: join(state, "passphrase"),
  };
};

/** @throws Error if the name can't be part of the names of a network namespace, a directory and a stack. */
export function checkLabName(name: string): void {
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) {
    throw new Error(
      `lab name "${name}": a name starts with one of a-z and holds at most 31 of a-z, 0-9 and "-"; choose one such as "lab" or "test-2"`,
    );
  }
}
