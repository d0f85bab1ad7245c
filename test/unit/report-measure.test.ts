import assert from "node:assert/strict";
import { test } from "node:test";
import { measure } from "../../components/measure/measure";
import { allPairs, pairsOf } from "../../components/measure/pairs";
import { answering, type Call, healthy, readingOf, reportWanted } from "./report/recorded";

const measured = healthy();

test("what scripts printed becomes numbers with their units", async () => {
  const { nodes, paths, etcd, pairs } = await measured;
  const [cp1] = nodes;
  assert.ok(cp1);
  assert.deepEqual(readingOf(cp1.nic), { name: "eth0", mtu: 1500 });
  assert.ok(readingOf(cp1.bgp).every(({ state }) => state === "Established"));
  assert.equal(readingOf(cp1.routes)[0]?.kind, "ether");
  const { processors, samples, busyPercent, stealPercent, ioWaitPercent } = readingOf(cp1.processor);
  assert.ok(processors >= 1 && samples.length >= 2);
  assert.ok(busyPercent + stealPercent + ioWaitPercent <= 100.1, `${busyPercent} + ${stealPercent} + ${ioWaitPercent}`);
  assert.ok(readingOf(cp1.conntrack).limit > readingOf(cp1.conntrack).use);
  const [path] = paths;
  assert.ok(path);
  const { roundTripMicroseconds: took, throughputMbits, segments } = readingOf(path.host);
  assert.ok(took.least <= took.p50 && took.p50 <= took.p99 && took.p99 <= took.most);
  assert.equal(throughputMbits.count, 8);
  assert.ok(segments >= took.count);
  assert.deepEqual([path.rounds.length, readingOf(path.mtu), pairs], [4, 1500, 1]);
  const fsync = readingOf(etcd[0]?.walFsync ?? { unreadable: "no etcd" });
  assert.ok(fsync && fsync.count >= 100 && fsync.p50Milliseconds <= fsync.p99Milliseconds);
});

test("each kernel setting has its effective value and the reason of its file", async () => {
  const [cp1] = (await measured).nodes;
  const forwarding = readingOf(cp1?.sysctls ?? { unreadable: "no node" }).find(
    ({ key }) => key === "net.ipv4.ip_forward",
  );
  assert.deepEqual([forwarding?.wanted, forwarding?.effective], ["1", "1"]);
  assert.match(forwarding?.why ?? "", /A node routes between its pods and the network/);
});

test("pods are made before the measurement and removed after it, also when a path fails", async () => {
  const calls: Call[] = [];
  const failing = answering(calls, ({ script, input }) => {
    if (script === "report/path.sh" && !input.serve)
      throw new Error("path.sh on cp1: no sandbox of pod path-cp1 runs here");
  });
  const { paths, problem } = await measure(reportWanted, failing);
  assert.deepEqual(paths[0]?.pod, { unreadable: "path.sh on cp1: no sandbox of pod path-cp1 runs here" });
  assert.equal(problem, "");
  const pods = calls.filter(({ script }) => script === "report/pods.sh").map(({ input }) => input.make);
  assert.deepEqual(pods, [true, false]);
  assert.equal(calls.at(-1)?.input.make, false);
});

test("a cluster that takes no pods is measured without them, and the report says why", async () => {
  const refusing = answering([], ({ script, input }) => {
    if (script === "report/pods.sh" && input.make) throw new Error("pods.sh on cp1: quota exceeded");
  });
  const { nodes, paths, problem } = await measure(reportWanted, refusing);
  assert.equal(problem, "pods.sh on cp1: quota exceeded");
  assert.deepEqual(paths[0]?.host, { unreadable: "pods.sh on cp1: quota exceeded" });
  assert.ok(readingOf(nodes[0]?.processor ?? { unreadable: "no node" }));
});

test("pods are let through to each other on one port, and to nothing else but DNS and the API", async () => {
  const calls: Call[] = [];
  await measure(reportWanted, answering(calls));
  const { objects, namespace } = calls.find(({ script }) => script === "report/pods.sh")?.input ?? {};
  const policies = (objects as Policy[]).filter(({ kind }) => kind === "NetworkPolicy").map(({ spec }) => spec);
  assert.ok(policies.some(({ podSelector, ingress, egress }) => !podSelector?.matchLabels && !ingress && !egress));
  const pods = {
    podSelector: { matchLabels: { app: "path" } },
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
  };
  assert.deepEqual(
    policies.flatMap(({ ingress = [] }) => ingress),
    [{ from: [pods], ports: [{ port: 5201, protocol: "TCP" }] }],
  );
  assert.ok(
    (objects as Policy[]).every(({ kind, metadata }) => kind === "Namespace" || metadata.namespace === namespace),
  );
});

/** What the test reads of an object of Kubernetes. */
interface Policy {
  readonly kind: string;
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly podSelector?: { matchLabels?: object };
    readonly ingress?: object[];
    readonly egress?: object[];
  };
}

test("pairs go around the ring first, every node in one, and no pair comes twice", () => {
  assert.deepEqual(pairsOf(["a"]), []);
  assert.deepEqual(pairsOf(["a", "b"]), [["a", "b"]]);
  const nodes = ["a", "b", "c", "d", "e"];
  const all = pairsOf(nodes, 99).map((pair) => [...pair].sort().join());
  assert.deepEqual([all.length, new Set(all).size], [allPairs(5), allPairs(5)]);
  const even = pairsOf(["a", "b", "c", "d"], 99).map((pair) => [...pair].sort().join());
  assert.deepEqual([even.length, new Set(even).size], [6, 6]);
  assert.deepEqual(new Set(pairsOf(nodes, 5).flat()), new Set(nodes));
});
