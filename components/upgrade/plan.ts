import { isAtLeast, minorOf } from "../../node-config/versions";
import type { Answering, Observed, ObservedNode } from "./observed";

/** What the settings want of the versions on the nodes of a cluster. */
export interface UpgradeFacts {
  /** Kubernetes, without the v. */
  readonly version: string;
  /** Container runtime. @default - whichever a node has */
  readonly runtime?: string;
  /** Sorted by name: the first control plane is the one that takes the cluster's own settings to the new version. */
  readonly nodes: readonly { readonly name: string; readonly role: "control-plane" | "worker" }[];
  /** Workers that are without pods at the same time. */
  readonly workersAtOnce: number;
  /** How long a node's pods may take to leave it. */
  readonly drainMinutes: number;
  /** A backup of etcd is `taken` before; there is `none`, as the settings allow; or it is `missing`, which they do not. */
  readonly backup: "taken" | "none" | "missing";
}

/** What is to be done, in this order: each list is done before the next begins, its nodes at the same time. */
export interface Plan {
  readonly steps: readonly (readonly string[])[];
  /** Why none of it may begin. */
  readonly problems: readonly string[];
}

/**
 * Which nodes of a running cluster get other versions, in which order, and everything that stands in the way. Nothing to
 * do where there is no cluster yet, where each node has what is wanted, or where no API server answers and none would get
 * another version: then a change of settings may be what mends it.
 *
 * @param observed What each control plane told, by its name; absent for one that did not answer.
 */
export function planUpgrade(facts: UpgradeFacts, observed: Readonly<Record<string, Observed>>): Plan {
  const told = Object.entries(observed).filter(([, one]) => one.cluster) as [
    string,
    Exclude<Observed, { cluster: false }>,
  ][];
  const servers = told.map(([, { apiServer }]) => apiServer);
  const others = servers.filter((version) => version !== facts.version);
  const answering = told.flatMap(([name, one]) => (one.answers ? [{ name, ...one }] : []));
  const [first] = answering;
  if (told.length === 0 || (!first && others.length === 0)) return { steps: [], problems: [] };
  const nodes = first?.nodes ?? [];
  const steps = inOrder(
    facts,
    nodes.filter((node) => isDue(facts, node)),
  );
  if (steps.length === 0 && others.length === 0) return { steps, problems: [] };
  const silent = facts.nodes.filter(
    ({ name, role }) =>
      role === "control-plane" && !answering.some((one) => one.name === name) && !isFresh(observed[name]),
  );
  return {
    steps,
    problems: [
      ...[...new Set(others)].flatMap((from) => stepProblems(from, facts.version)),
      ...silent.map(
        ({ name }) => `control plane ${name} does not answer; bring it back, or take it out of the settings first`,
      ),
      ...nodes.filter(({ changing }) => !changing).flatMap((node) => nodeProblems(facts.nodes, node)),
      ...(answering.some(({ etcd }) => !etcd)
        ? ["not every member of etcd is healthy; a control plane that is changed takes another one away for a while"]
        : []),
      ...(first ? budgetProblems(first) : []),
      ...removedProblems(
        facts,
        others,
        answering.flatMap(({ removed }) => removed),
      ),
      ...(facts.backup === "missing"
        ? ["there is no backup of etcd; set kjerne:backup, or kubernetes.upgrade.withoutBackup: true to go on without"]
        : []),
    ],
  };
}

const isFresh = (one: Observed | undefined) => one?.cluster === false;

/** Control planes one by one, then workers. An earlier run that was cut off has begun with the same. */
export function inOrder(
  { nodes, workersAtOnce }: Pick<UpgradeFacts, "nodes" | "workersAtOnce">,
  changed: readonly ObservedNode[],
): string[][] {
  const due = nodes.filter(({ name }) => changed.some((node) => node.name === name));
  const [controlPlanes, workers] = (["control-plane", "worker"] as const).map((role) =>
    due.filter((node) => node.role === role).map(({ name }) => name),
  ) as [string[], string[]];
  const atOnce = Array.from({ length: Math.ceil(workers.length / workersAtOnce) }, (_, at) =>
    workers.slice(at * workersAtOnce, (at + 1) * workersAtOnce),
  );
  return [...controlPlanes.map((name) => [name]), ...atOnce];
}

function isDue({ version, runtime }: UpgradeFacts, node: ObservedNode): boolean {
  return node.changing || node.kubelet !== version || (runtime !== undefined && node.runtime !== runtime);
}

/** https://kubernetes.io/releases/version-skew-policy/: kubeadm goes from one minor to the next, and never back. */
function stepProblems(from: string, to: string): string[] {
  const [before, after] = [from, to].map((version) => version.split(".").map(Number)) as [number[], number[]];
  const [major = 0, minor = 0, patch = 0] = before;
  const [nextMajor = 0, nextMinor = 0, nextPatch = 0] = after;
  if (!isAtLeast(minorOf(to), minorOf(from)) || (minor === nextMinor && nextPatch < patch)) {
    return [
      `kubernetes.version is ${to} and control planes run ${from}: Kubernetes does not go back; put it to ${from} or later`,
    ];
  }
  if (nextMajor !== major || nextMinor > minor + 1) {
    return [
      `kubernetes.version is ${to} and control planes run ${from}: Kubernetes goes from one minor to the next; go to ${major}.${minor + 1} first`,
    ];
  }
  return [];
}

/** Of a node that this very change has not left behind: that one is mended by going on. */
export function nodeProblems(nodes: UpgradeFacts["nodes"], node: ObservedNode): string[] {
  if (node.ready) return [];
  const known = nodes.some(({ name }) => name === node.name);
  return [
    `node ${node.name} is not Ready; bring it back, or ${known ? "take it out of the settings" : "delete it"} first`,
  ];
}

/** What would keep a node from being drained. */
export function budgetProblems({ budgets }: Answering): string[] {
  return budgets.map(
    (name) =>
      `PodDisruptionBudget ${name} lets no pod go, so its node can't be drained; give its pods another replica, or change it`,
  );
}

function removedProblems(
  { version }: UpgradeFacts,
  from: readonly string[],
  removed: readonly { readonly resource: string; readonly release: string }[],
): string[] {
  const gone = removed.filter(
    ({ release }) => isAtLeast(minorOf(version), release) && from.some((one) => !isAtLeast(minorOf(one), release)),
  );
  const listed = new Set(gone.map(({ resource, release }) => `${resource} (gone in ${release})`));
  return [...listed].map(
    (what) =>
      `somebody still asks for ${what}; the audit log says who: annotation k8s.io/deprecated, then let them ask for its successor`,
  );
}
