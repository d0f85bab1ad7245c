import { accepted, refused } from "./refused";

const ahead = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const exception = {
  ...{ rule: "NET-06", kind: "DaemonSet", namespace: "monitoring", name: "node-exporter" },
  ...{ owner: "platform team", justification: "It measures the node's own network.", until: ahead(100) },
};
const listing = (...exceptions: object[]) => ({ action: "deny", exceptions });
const { namespace: _, ...ofNoNamespace } = exception;

refused([
  ["admission", { action: "refuse" }, /admission\.action \(refuse\): Invalid option/],
  ["admission", { exceptions: [] }, /admission\.action: is missing/],
  ["admission", listing({ ...exception, rule: "NET-03" }), /exceptions\[0\]\.rule \(NET-03\): Invalid option/],
  [
    "admission",
    listing({ ...exception, kind: "daemonset" }),
    /kind \(daemonset\): is no kind as manifests have it; write/,
  ],
  [
    "admission",
    listing({ ...exception, until: ahead(190) }),
    /until \(.*\): is more than 180 days ahead; write an earlier/,
  ],
  ["admission", listing({ ...exception, until: "soon" }), /until \(soon\): is not a day such as/],
  ["admission", listing({ ...exception, owner: "" }), /owner \(""\): is empty/],
  ["admission", listing(ofNoNamespace), /namespace: is missing: a DaemonSet is in a namespace, .*; name it/],
  [
    "admission",
    listing({ ...exception, rule: "SEC-10", kind: "ClusterRole" }),
    /namespace \(monitoring\): is one of a ClusterRole, which is in no namespace; remove it/,
  ],
  ["admission", listing(exception, exception), /exceptions\[1\]: is there already as \[0\]; remove one/],
]);

accepted([
  ["admission", undefined],
  ["admission", { action: "warn" }],
  ["admission", listing(exception, { ...exception, rule: "SEC-11" })],
  // It holds no more, and an up goes on without it.
  ["admission", listing({ ...exception, until: "2026-01-31" })],
]);
