import assert from "node:assert/strict";
import { test } from "node:test";
import type { Wanted } from "../../components/verify/wanted";
import { type Answers, checksOf, edited, healthy, lab, refusals, wanted } from "./verify/healthy";

const nftables: Wanted = { ...wanted, proxy: { mode: "nftables", scheduler: "rr" } };
const job = '{"namespace":"default","name":"job","node":"worker1","phase":"Succeeded","ready":false}';
const leaving = "-a -t 10.96.0.10:53 -r 10.244.235.129:53 -m -w 0\n";

for (const [what, answers, expected, node] of [
  ["a control plane", healthy],
  ["a worker", { ...healthy, ...lab.worker1 }, wanted, "worker1"],
  ["kube-proxy in mode nftables, which has no IPVS entries", edited("proxyMode", /ipvs$/, "nftables"), nftables],
  ["a pod that has completed", edited("pods", "[", `[${job},`)],
  ["an endpoint that terminates and has IPVS weight 0", edited("ipvs", /(?=-A -u)/, leaving)],
  ["an MTU that Felix detected", edited("cniConfig", '"mtu": 1500', '"mtu": 0')],
] as [string, Answers, Wanted?, string?][]) {
  test(`every check passes for ${what}`, () => {
    const failed = checksOf(answers, expected, node).filter(({ passed }) => !passed);
    assert.deepEqual(failed, []);
  });
}

test("a check whose input cannot be read fails with the reason", () => {
  const refused = { status: 1, stdout: "", stderr: "Connection refused\n" };
  // Of these, the report only tells; of the kernel's view of the clock, where chrony is not asked.
  const told = ["kernel", "bootId", "uptime", "cniMtu", "unserved", "kernelClock"];
  for (const name of Object.keys(healthy).filter((name) => !told.includes(name))) {
    const failed = checksOf({ ...healthy, [name]: refused }).filter(({ passed }) => !passed);
    assert.notEqual(failed.length, 0, name);
    for (const { found } of failed) assert.equal(found, "unreadable: Connection refused", name);
  }
});

test("error messages recorded from real tools are reported as unreadable, not as values", () => {
  for (const [name, id] of [
    ["ipvs", "ipvs-services"],
    ["proxyMode", "proxy-mode"],
    ["cniMtu", "pod-mtu"],
  ] as const) {
    const answers = { ...edited("cniConfig", '"mtu": 1500', '"mtu": 0'), [name]: refusals[name] };
    assert.match(checksOf(answers).find((check) => check.id === id)?.found ?? "", /^unreadable: /);
  }
});

test("output that cannot be parsed is reported as unreadable", () => {
  for (const name of ["links", "routes", "proxyMode", "containerd", "cpuAfter", "nodes", "services", "certificates"]) {
    const answers = { ...healthy, [name]: { status: 0, stdout: "<html>", stderr: "" } };
    const failed = checksOf(answers).filter(({ passed }) => !passed);
    assert.match(failed[0]?.found ?? "", /^unreadable: not understood/, name);
  }
});
