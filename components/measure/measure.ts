import type { Ask, Reading } from "../verify/answers";
import { asked, readCluster, readNode } from "../verify/read";
import { onControlPlane, type Run, textOf } from "../verify/run";
import type { Wanted, WantedNode } from "../verify/wanted";
import { measuredLandmarks } from "./landmarks";
import type { Measured } from "./measured";
import { measuredNode } from "./measured-node";
import { measuredDns, measuredPath, type PathOutput } from "./measured-path";
import { allPairs, pairsOf } from "./pairs";
import { type PathInput, pathInput, pathSeconds, serveInput } from "./path-input";
import { namespace, type PodsInput, podOn, podsInput } from "./pods";
import { reasons } from "./reasons";
import { watchHost, watchNode } from "./watch";
import { watchedEtcd, watchedProcessor, withOthers } from "./watched";

export interface MeasureOptions {
  /** Names of hypervisors that `run` reaches, whose processors are watched. @default - none */
  readonly hypervisors?: readonly string[];
  /** Progress, a line at a time. @default - silent */
  readonly say?: Say;
}

type Say = (line: string) => void;

/**
 * Measures a running cluster. What could not be measured is in the result, with the reason. It changes nothing, except
 * that a namespace of its own has a pod on each node that is measured, which it removes. Takes half a minute for each pair
 * of nodes, of at most four.
 */
export async function measure(
  wanted: Wanted,
  run: Run,
  { hypervisors = [], say = () => {} }: MeasureOptions = {},
): Promise<Measured> {
  say("report: reading every node");
  const packets = await textOf("verify/full-packets.py");
  const [cluster, read] = await Promise.all([
    readCluster(wanted, run),
    Promise.all(wanted.nodes.map((node) => readNode(wanted, node, packets, run))),
  ]);
  const pairs = pairsOf(wanted.nodes);
  const { landmarks = [] } = wanted;
  // Without a path there is still etcd to ask.
  const ends = pairs.length > 0 ? [...new Set(pairs.flat())] : wanted.nodes.slice(0, 1);
  const servers = "value" in cluster.services ? dnsServers(cluster.services.value) : [];

  const pods = await madePods(wanted, ends, run, say);
  try {
    const etcd = await Promise.all(controlPlanes(wanted).map(({ name }) => writeToEtcd(name, pods, run)));
    say(`report: watching every machine while ${pairs.length} pair${pairs.length === 1 ? " is" : "s are"} measured`);
    const seconds = Math.max(1, pairs.length) * pathSeconds;
    const [watched, hosts, paths] = await Promise.all([
      Promise.all(read.map(({ node, observed }) => watchNode(node, observed.proxyMode, landmarks, seconds, run))),
      Promise.all(hypervisors.map((name) => watchHost(name, seconds, run))),
      oneByOne(pairs, (pair) => measurePair(pair, pods, servers, wanted, run, say)),
    ]);
    const processors = withOthers(watched.map(watchedProcessor));
    const ofHosts = withOthers(hosts.map(watchedProcessor));
    const why = reasons();
    return {
      wanted: {
        mtu: wanted.mtu,
        stealPercent: wanted.stealPercent,
        conntrackEntries: conntrackEntries(wanted),
      },
      nodes: read.map(({ node, observed }, at) =>
        measuredNode(wanted, node, observed, watched[at] as Ask, processors[at] as (typeof processors)[number], why),
      ),
      hypervisors: hypervisors.map((name, at) => ({ name, processor: ofHosts[at] as (typeof ofHosts)[number] })),
      etcd,
      paths: paths.map(({ from, to, output }) => measuredPath(from, to, output)),
      pairs: allPairs(wanted.nodes.length),
      problem: "unreadable" in pods ? pods.unreadable : "",
      dns: paths.flatMap(({ from, output }) => ("value" in output ? measuredDns(from, output.value) : [])),
      landmarks: read.flatMap(({ node: { name } }, at) => measuredLandmarks(name, landmarks, watched[at] as Ask)),
    };
  } finally {
    await remove(wanted, ends, run, say);
  }
}

type Pods = Reading<Readonly<Record<string, string>>>;

/** The address of each pod by its name. */
async function madePods(wanted: Wanted, nodes: readonly WantedNode[], run: Run, say: Say): Promise<Pods> {
  say(`report: a pod on ${nodes.map(({ name }) => name).join(", ")}`);
  return attempt(async () => JSON.parse(await callPods(wanted, run, podsInput(wanted, nodes, true))));
}

async function remove(wanted: Wanted, nodes: readonly WantedNode[], run: Run, say: Say): Promise<void> {
  const removed = await attempt(() => callPods(wanted, run, podsInput(wanted, nodes, false)));
  if ("unreadable" in removed) say(`report: the pods are still there, and end by themselves: ${removed.unreadable}`);
}

function callPods(wanted: Wanted, run: Run, input: PodsInput): Promise<string> {
  return onControlPlane(wanted, run, "report/pods.sh", JSON.stringify(input), 400);
}

/** More than enough for a p99; a slow disk does not get so far in the time. */
const etcdWrites = { writes: 200, seconds: 30 };

async function writeToEtcd(name: string, pods: Pods, run: Run): Promise<Measured["etcd"][number]> {
  const writing = "value" in pods ? etcdWrites : { ...etcdWrites, writes: 0 };
  const input = JSON.stringify({ namespace, name, ...writing });
  return watchedEtcd(name, await asked(() => run(name, "report/etcd.sh", input)));
}

function controlPlanes({ nodes }: Wanted): readonly WantedNode[] {
  return nodes.filter(({ role }) => role === "control-plane");
}

interface PairOutput {
  readonly from: string;
  readonly to: string;
  readonly output: Reading<PathOutput>;
}

async function measurePair(
  [from, to]: readonly [WantedNode, WantedNode],
  pods: Pods,
  servers: readonly string[],
  wanted: Wanted,
  run: Run,
  say: Say,
): Promise<PairOutput> {
  const names = { from: from.name, to: to.name };
  if ("unreadable" in pods) return { ...names, output: pods };
  const address = (node: WantedNode) => pods.value[podOn(node)] ?? "";
  say(`report: from ${from.name} to ${to.name}, between nodes and between pods in turns`);
  const input: PathInput = await pathInput(
    { from: from.address, to: to.address },
    { from: address(from), to: address(to) },
    { mtu: wanted.mtu, servers },
  );
  const serving = attempt(() => run(to.name, "report/path.sh", JSON.stringify(serveInput(input, podOn(to))), 600));
  const output = await attempt<PathOutput>(async () =>
    JSON.parse(await run(from.name, "report/path.sh", JSON.stringify({ ...input, pod: podOn(from) }), 600)),
  );
  // It ends when the other end says so, or by itself.
  const served = await serving;
  return { ...names, output: "unreadable" in served && "unreadable" in output ? served : output };
}

/** The Service of CoreDNS and each of its endpoints that answer over UDP. */
function dnsServers(
  services: readonly { name: string; ports: readonly { service: string; endpoints: readonly string[] }[] }[],
): string[] {
  const udp = services
    .filter(({ name }) => name === "kube-system/kube-dns")
    .flatMap(({ ports }) => ports.filter(({ service }) => service.startsWith("UDP ")));
  const host = (address: string) => address.slice(0, address.lastIndexOf(":"));
  return udp.flatMap(({ service, endpoints }) => [host(service.slice("UDP ".length)), ...endpoints.map(host)]);
}

function conntrackEntries({ sysctls }: Wanted): number | null {
  const wanted = sysctls.find(({ key }) => key === "net.netfilter.nf_conntrack_max");
  return wanted ? Number(wanted.value) : null;
}

async function attempt<T>(work: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { unreadable: `${error}`.replace(/^Error: /, "") };
  }
}

async function oneByOne<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (const one of all) done.push(await work(one));
  return done;
}
