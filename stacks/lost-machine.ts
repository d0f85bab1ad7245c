/** A resource of a state, as `pulumi stack export` writes it; what else it has stays as it is. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly parent?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly dependencies?: readonly string[];
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
}

export interface LostMachine {
  /** Where it was reached. */
  readonly address: string;
  readonly port: number;
  /** The nodes that went with it. */
  readonly nodes: readonly string[];
  /** Names of what the engine does not undo any more when it deletes it. */
  readonly skipped: readonly string[];
  /** All resources, those with a mark. */
  readonly resources: readonly StateResource[];
}

/**
 * A machine that is gone for good, with what lay on it: in the state that comes out, whatever would be undone there is
 * merely forgotten when the engine deletes or replaces it, and no longer protected. Everything else stays: another machine
 * lets its nodes go from the cluster and from etcd.
 *
 * @param name Of a hypervisor, or of a node on a machine that was there before.
 * @throws Error when the state has no such machine, or it is one that its hypervisor can undo
 */
export function lostMachine(resources: readonly StateResource[], name: string): LostMachine {
  const named = (type: string) => resources.find((one) => one.type === type && nameOf(one.urn) === name);
  const machine = named("kjerne:hypervisor:Hypervisor") ?? named("kjerne:node:ExistingMachine");
  if (!machine) throw new Error(noneOf(name, resources, named("kjerne:node:KvmNode")));

  const isHypervisor = machine.type === "kjerne:hypervisor:Hypervisor";
  const onIt = resources.filter(
    ({ urn, inputs }) => urn === machine.urn || (isHypervisor && inputs?.hypervisor === name),
  );
  const nodes = onIt
    .filter(({ type }) => /^kjerne:node:(KvmNode|ExistingMachine)$/.test(type))
    .map(({ urn }) => nameOf(urn));
  const machines = new Set(nodes.map((node) => `${node}-machine`));
  const roots = new Set(onIt.map(({ urn }) => urn));
  const parents = new Map(resources.map(({ urn, parent }) => [urn, parent]));
  const isBelow = (urn: string | undefined): boolean =>
    urn !== undefined && (roots.has(urn) || isBelow(parents.get(urn)));
  /** A worker that went together with the control plane which would have let it go. */
  const isLetGoFromThere = ({ urn, dependencies = [] }: StateResource) => {
    const node = /\$kjerne:cluster:Workers\$.*::(.*)-admit$/.exec(urn)?.[1];
    const others = dependencies.map(nameOf).filter((one) => one !== `${node}-machine`);
    return node !== undefined && nodes.includes(node) && others.some((one) => machines.has(one));
  };
  const isSkipped = (one: StateResource) => undoes(one) && (isBelow(one.urn) || isLetGoFromThere(one));

  const { address, machine: reached } = machine.inputs as {
    address: string;
    machine?: { address: string; port: number };
  };
  return {
    address: reached?.address ?? address,
    port: reached?.port ?? 22,
    nodes,
    skipped: resources.filter(isSkipped).map(({ urn }) => nameOf(urn)),
    resources: resources.map((one) => (isSkipped(one) ? { ...one, retainOnDelete: true, protect: false } : one)),
  };
}

/** Whether its deletion runs something on a machine. Releases until 0.1.0 had commands for that. */
function undoes({ type, inputs = {} }: StateResource): boolean {
  if (type === "command:remote:Command") return "delete" in inputs;
  return type.startsWith("kjerne-drift:") && ("undo" in inputs || inputs.removedOnDelete === true);
}

const nameOf = (urn: string) => urn.split("::").at(-1) as string;

function noneOf(name: string, resources: readonly StateResource[], made: StateResource | undefined): string {
  if (made) {
    const { hypervisor } = made.inputs as { hypervisor: string };
    return `${name} is a virtual machine on ${hypervisor}: take it out of kjerne:nodes, or replace it, and pulumi up undoes it there; if ${hypervisor} is gone, forget that`;
  }
  const lost = resources.filter(({ type }) => /^kjerne:(hypervisor:Hypervisor|node:ExistingMachine)$/.test(type));
  return `the state has no machine ${name}; it has ${lost.map(({ urn }) => nameOf(urn)).join(", ") || "none"}`;
}
