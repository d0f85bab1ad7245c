import { isIn } from "./locations";
import { withoutComment } from "./ssh-keys";

/** What ties hypervisors and nodes together. Each function returns a sentence for each problem, with the way out. */

interface Named {
  readonly name: string;
}
interface Hypervisor extends Named {
  readonly pool: { readonly path: string; readonly medium: string };
  readonly imageDirectory: string;
  readonly hostKey: string;
}
interface Node extends Named {
  readonly role: string;
  readonly hypervisor?: string;
  readonly cpus?: number;
  readonly memoryMiB?: number;
  readonly pinnedCpus?: readonly number[];
  readonly machine?: { readonly hostKey: string };
}

/** Values that occur more than once, each listed once. */
export function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))];
}

export function uniqueNames(hypervisors: readonly Named[], nodes: readonly Named[]): string[] {
  return repeated([...hypervisors, ...nodes].map(({ name }) => name)).map(
    (name) => `${name} is the name of two machines; names are unique across hypervisors and nodes`,
  );
}

/** SSH would take one machine for the other. */
export function uniqueHostKeys(
  hypervisors: readonly (Named & Pick<Hypervisor, "hostKey">)[],
  nodes: readonly (Named & Pick<Node, "machine">)[],
): string[] {
  const all = [...hypervisors, ...nodes.flatMap(({ name, machine }) => (machine ? [{ name, ...machine }] : []))];
  const names = (key: string) => all.filter(({ hostKey }) => withoutComment(hostKey) === key).map(({ name }) => name);
  return repeated(all.map(({ hostKey }) => withoutComment(hostKey))).map(
    (key) =>
      `hostKey: ${names(key).join(" and ")} have the same host key, so that one could answer for the other; read each machine's own, and make a new one (\`ssh-keygen -A\`) where a disk was copied`,
  );
}

export function knownHypervisors(hypervisors: readonly Named[], nodes: readonly (Named & Pick<Node, "hypervisor">)[]) {
  const known = hypervisors.map(({ name }) => name);
  const choice = known.length > 0 ? `choose one of ${known.join(", ")}` : "list it under hypervisors";
  return nodes
    .filter(({ hypervisor }) => hypervisor !== undefined && !known.includes(hypervisor))
    .map((node) => `nodes: ${node.name} lies on hypervisor ${node.hypervisor}; ${choice}`);
}

export function pinnedOnce(nodes: readonly (Named & Pick<Node, "cpus" | "pinnedCpus" | "hypervisor">)[]): string[] {
  const pinning = nodes.filter(({ pinnedCpus }) => pinnedCpus !== undefined);
  const counts = pinning
    .filter(({ cpus, pinnedCpus }) => pinnedCpus?.length !== cpus)
    .map(
      ({ name, cpus, pinnedCpus }) =>
        `nodes: ${name} pins ${pinnedCpus?.length} CPUs and has ${cpus}; list one host CPU for each`,
    );
  const shared = pinning.flatMap((node, at) =>
    pinning.slice(at + 1).flatMap((other) => {
      const both = node.pinnedCpus?.filter((cpu) => other.pinnedCpus?.includes(cpu)) ?? [];
      if (node.hypervisor !== other.hypervisor || both.length === 0) return [];
      return [
        `nodes: ${node.name} and ${other.name} pin CPU ${both.join(", ")} of hypervisor ${node.hypervisor} both; give each CPUs of its own`,
      ];
    }),
  );
  return [...counts, ...shared];
}

/** kubeadm's own rules ("Before you begin" in its installation guide), which it checks when it runs. */
export function largeEnough(nodes: readonly (Named & Pick<Node, "role" | "cpus" | "memoryMiB">)[]): string[] {
  return nodes
    .filter(({ role }) => role === "control-plane")
    .flatMap(({ name, cpus = 2, memoryMiB = 2048 }) => [
      ...(cpus < 2 ? [`nodes: ${name} has ${cpus} CPU; kubeadm wants 2 for a control plane: set cpus: 2`] : []),
      ...(memoryMiB < 2048
        ? [`nodes: ${name} has ${memoryMiB} MiB; kubeadm wants 2 GiB for a control plane: set memoryMiB: 2048 or more`]
        : []),
    ]);
}

export function oddControlPlanes(nodes: readonly Pick<Node, "role">[]): string[] {
  const { length } = nodes.filter(({ role }) => role === "control-plane");
  if ([1, 3, 5, 7].includes(length)) return [];
  if (length === 0) return ["nodes: there is no control plane; give one node the role control-plane"];
  const rule =
    length > 7 ? "etcd, which has a member on each, is made for 7 at most" : "etcd needs an odd number of members";
  return [`nodes: there are ${length} control planes; ${rule}: choose 1, 3, 5 or 7`];
}

export function emulatedOnlyInLabs(
  hypervisors: readonly (Named & { readonly pool: { readonly medium: string } })[],
  virtualisation: string,
): string[] {
  return hypervisors
    .filter(({ pool }) => pool.medium === "emulated" && virtualisation !== "emulated")
    .map(
      ({ name }) =>
        `hypervisors: the pool of ${name} is emulated, which only a lab may have; set medium: nvme, or virtualisation: emulated`,
    );
}

/** Removing a pool must not take the images with it, and neither may lie in the other. */
export function separateDirectories(
  hypervisors: readonly (Named & Pick<Hypervisor, "imageDirectory"> & { readonly pool: { readonly path: string } })[],
): string[] {
  return hypervisors
    .filter(({ pool, imageDirectory }) => isIn(imageDirectory, pool.path) || isIn(pool.path, imageDirectory))
    .map(
      ({ name, pool, imageDirectory }) =>
        `hypervisors: ${name} has its images in ${imageDirectory} and its pool in ${pool.path}, one in the other; choose two directories side by side`,
    );
}
