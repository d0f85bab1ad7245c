import type { Reading } from "./answers";
import type { ObservedCluster, ObservedPolicy, Pod } from "./observed-cluster";
import type { EchoAnswer, ObservedNode } from "./observed-node";
import { described, hasToRun, isJobs, isOfSystem, isUp } from "./pod-checks";
import type { Warning } from "./report";
import { ownNamespaces, type Wanted, type WantedNode } from "./wanted";

/** How long a pod may take to leave after its grace period, in seconds, before somebody should look. */
const terminatingSeconds = 300;
/** So many are named; the others are counted. */
const named = 10;

/** What was seen of the cluster that an operator should know and that is not the deployment's to keep. */
export function clusterWarnings(wanted: Wanted, cluster: ObservedCluster): Warning[] {
  const { nodes, pods, policies, pools, unserved } = cluster;
  const declared = new Set(wanted.nodes.map(({ name }) => name));
  const ours = (namespace: string) => ownNamespaces.includes(namespace);
  return [
    warning(
      "nodes-undeclared",
      "nodes that the settings don't name",
      of(nodes).flatMap(({ name }) => (declared.has(name) ? [] : [name])),
      "kubectl get nodes; kubectl delete node, when its machine has left",
    ),
    warning(
      "nodes-cordoned",
      "nodes that take no new pods",
      of(nodes).flatMap(({ name, schedulable }) => (schedulable ? [] : [name])),
      "kubectl uncordon, when the work on the node is done",
    ),
    warning(
      "pods-down",
      "pods outside the system that are not Ready, and those of Jobs and evictions that failed",
      of(pods).flatMap((pod) => {
        if (ours(pod.namespace)) return [];
        const waits = hasToRun(pod) && !isUp(pod) && (!isOfSystem(wanted, pod) || isJobs(pod));
        return waits || pod.phase === "Failed" ? [described(pod)] : [];
      }),
      "kubectl describe pod; kubectl logs --previous; kubectl delete pod, where it only tells of the past",
    ),
    warning(
      "pods-terminating",
      `pods that should have left more than ${terminatingSeconds / 60} minutes ago`,
      of(pods).flatMap(({ namespace, name, node, terminatingSeconds: seconds }) =>
        seconds !== null && seconds > terminatingSeconds
          ? [`${namespace}/${name} on ${node ?? "no node"}: ${Math.floor(seconds / 60)} min`]
          : [],
      ),
      "kubectl describe pod: does its node run, has it finalizers?",
    ),
    warning(
      "services-unserved",
      "Services without a Ready endpoint",
      of(unserved).filter((name) => !ours(name.split("/")[0] ?? "")),
      "kubectl get endpointslices; do labels of Ready pods match the Service's selector?",
    ),
    warning(
      "policies-open",
      "network policies of others that open a namespace with default deny to everybody",
      of(policies).flatMap((policy) => opened(wanted, policy)),
      "kubectl describe networkpolicy",
    ),
    warning(
      "namespaces-open",
      "namespaces with pods that default deny of the whole cluster would newly close",
      wanted.clusterPolicy ? [] : undenied(wanted, of(pods)).filter((namespace) => !ours(namespace)),
      "kubectl get networkpolicies -A; list in defaultDeny what they need, then set otherNamespaces: closed",
    ),
    warning(
      "pools-other",
      "pools of pod addresses beside network.podCidr",
      of(pools).flatMap(({ name, cidr }) => (cidr === wanted.podCidr ? [] : [`${name} (${cidr})`])),
      "kubectl get ippools.crd.projectcalico.org -o yaml; filters of routers name network.podCidr alone",
    ),
  ].flat();
}

/** Nodes that answer no echo, not even a small one: nothing is known of the packets that reach them. */
export function echoWarnings(
  node: WantedNode,
  others: readonly WantedNode[],
  answers: Reading<ReadonlyMap<string, EchoAnswer>>,
): Warning[] {
  if ("unreadable" in answers) return [];
  const silent = others.filter(({ address }) => answers.value.get(address) === "none");
  return warning(
    "echo-unanswered",
    "nodes that answer no ICMP echo, so that the MTU between them was not tried from node to node",
    silent.map(({ name, address }) => `${name} (${address})`),
    "is ICMP echo refused by a firewall between the nodes?",
    node.name,
  );
}

/** What the settings gave a virtual machine since its last start, and its hypervisor has defined. */
export function restartWarnings({ name, machine }: WantedNode, { cpus, memory }: ObservedNode): Warning[] {
  if (!machine || "unreadable" in cpus || "unreadable" in memory) return [];
  const { mib, blockMiB } = memory.value;
  const hasMemory = Math.ceil(machine.memoryMiB / blockMiB) * blockMiB === mib;
  return warning(
    "restart-due",
    "what the machine has only after its next start",
    [
      ...(cpus.value === machine.cpus ? [] : [`cpus: ${machine.cpus}, has ${cpus.value}`]),
      ...(hasMemory ? [] : [`memoryMiB: ${machine.memoryMiB}, has ${mib}`]),
    ],
    'drain the node, and start its machine anew when it suits: docs/operations.md, "Give a node more memory or CPUs"',
    name,
  );
}

/** A disk that was too slow for etcd when the machine became a control plane, and was taken all the same. */
export function etcdDiskWarnings({ name }: WantedNode, { etcdDisk }: ObservedNode): Warning[] {
  if ("unreadable" in etcdDisk) return [];
  const { writes, p99Milliseconds, limitMilliseconds } = etcdDisk.value;
  return warning(
    "etcd-disk-slow",
    `etcd's disk kept 99 of 100 writes in more than ${limitMilliseconds} ms before etcd began`,
    p99Milliseconds > limitMilliseconds ? [`${p99Milliseconds.toFixed(1)} ms, of ${writes} writes by fio`] : [],
    "make report: does etcd's own histogram say so, too? Then give it a faster disk",
    name,
  );
}

/** A warning with all of its cases, or none. */
export function warning(
  id: Warning["id"],
  title: string,
  cases: readonly string[],
  next: string,
  node = "cluster",
): Warning[] {
  if (cases.length === 0) return [];
  const more = cases.length > named ? [`and ${cases.length - named} more`] : [];
  return [{ id, title, node, found: [...cases.slice(0, named), ...more].join("; "), next }];
}

/** What can't be read fails a check; here it says nothing more. */
function of<T>(reading: Reading<readonly T[]>): readonly T[] {
  return "value" in reading ? reading.value : [];
}

function undenied({ policies, systemNamespaces }: Wanted, pods: readonly Pod[]): string[] {
  const known = [...systemNamespaces, ...policies.map(({ metadata }) => metadata.namespace)];
  return [...new Set(pods.map(({ namespace }) => namespace))].filter((namespace) => !known.includes(namespace)).sort();
}

/** A rule of a policy: whom it lets through, on which ports. Nobody named is everybody. */
interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly port?: number | string; readonly endPort?: number }[];
}

interface Peer {
  readonly ipBlock?: { readonly cidr: string };
  readonly namespaceSelector?: object;
  readonly podSelector?: object;
}

function opened({ policies }: Wanted, { namespace, name, spec }: ObservedPolicy): string[] {
  const own = policies.filter(({ metadata }) => metadata.namespace === namespace);
  if (own.length === 0 || own.some(({ metadata }) => metadata.name === name)) return [];
  const { ingress = [], egress = [] } = spec as { ingress?: readonly Rule[]; egress?: readonly Rule[] };
  const ways = [
    ...(ingress.some((rule) => everybody(rule.from) && everyPort(rule)) ? ["ingress"] : []),
    ...(egress.some((rule) => everybody(rule.to) && everyPort(rule)) ? ["egress"] : []),
  ];
  return ways.length > 0 ? [`${namespace}/${name} (${ways.join(" and ")})`] : [];
}

function everybody(peers: readonly Peer[] = []): boolean {
  const isEmpty = (selector: object | undefined) => !selector || Object.keys(selector).length === 0;
  return (
    peers.length === 0 ||
    peers.some(({ ipBlock, namespaceSelector, podSelector }) =>
      ipBlock ? ipBlock.cidr.endsWith("/0") : namespaceSelector && isEmpty(namespaceSelector) && isEmpty(podSelector),
    )
  );
}

/** A port without a number is every port of its protocol. */
function everyPort({ ports = [] }: Rule): boolean {
  return (
    ports.length === 0 ||
    ports.some(({ port, endPort = 0 }) => port === undefined || (Number(port) <= 1 && endPort >= 65535))
  );
}
