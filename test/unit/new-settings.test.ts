import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { goYaml } from "../../node-config/go-yaml";
import { settingsIn } from "../../stacks/settings-file";
import { settingsText } from "../../tools/new/document";
import type { MachineFacts } from "../../tools/new/facts";
import { neighbourProblems, planOf } from "../../tools/new/plan";
import { upstream } from "../../tools/new/questions";
import { decide } from "../../tools/new/settings";
import { repositoriesIn } from "../../tools/new/supply";
import { answers, seen } from "./new-samples";

type Changed = Partial<MachineFacts>;

/** The text that is written for so many machines, each with these facts, after these answers. */
function textFor(count: number, facts: Changed = {}, changed: Readonly<Record<string, string>> = {}): string {
  const all = { ...answers, ...changed };
  const machines = Array.from({ length: count }, (_, at) => seen(at + 1, facts));
  const manifest = { place: all.CALICO ?? "", sha256: "2".repeat(64) };
  const repositories = repositoriesIn(all, "bookworm", (of) => `stacks/${of}.asc`);
  return settingsText(decide(all, machines, planOf(all, machines), { manifest, repositories }));
}

/** What the program reads in it; throws when it is refused. */
const settingsFor = (...args: Parameters<typeof textFor>) => settingsIn(textFor(...args), "Pulumi.oslo.yaml");

test("each top-level setting that is written stands below the reason for it", () => {
  const lines = textFor(3).split("\n");
  const keys = lines.flatMap((line, at) => (/^ {2}kjerne:/.test(line) ? [[line, lines[at - 1] ?? ""] as const] : []));
  assert.ok(keys.length > 8);
  for (const [line, above] of keys) assert.match(above, /^ {2}# \S/, line);
  assert.ok(lines.every((line) => !line.includes("#") || line.length <= 120 || line.includes("ssh-ed25519")));
});

test("Norway is a text to every reader of YAML, not a no", () => {
  const read = parse(textFor(3), goYaml);
  assert.equal(read.config["kjerne:site"].country, "NO");
  assert.deepEqual(read.config["kjerne:site"].supportCountries, ["NO", "SE"]);
});

test("three machines with an address to hand on are control planes that carry workloads, and two more are workers", () => {
  const roles = (count: number) => settingsFor(count).nodes.map(({ role, taints }) => [role, taints?.length]);
  assert.deepEqual(roles(3), Array(3).fill(["control-plane", 0]));
  assert.deepEqual(roles(5), [...Array(3).fill(["control-plane", undefined]), ...Array(2).fill(["worker", undefined])]);
  assert.deepEqual(settingsFor(3).kubernetes.endpoint.by, "vrrp");
});

test("without such an address the first machine alone is the control plane, and the endpoint is its own", () => {
  const { nodes, kubernetes } = settingsFor(3, {}, { ENDPOINT: "" });
  assert.deepEqual(
    nodes.map(({ role }) => role),
    ["control-plane", "worker", "worker"],
  );
  assert.deepEqual([kubernetes.endpoint.address, kubernetes.endpoint.by], ["10.20.0.11", "yours"]);
  assert.deepEqual(settingsFor(1, {}, { ENDPOINT: "" }).nodes[0]?.taints, []);
});

test("nodes talk in the private network, and are reached by ssh where the machines were named", () => {
  const [node] = settingsFor(1, {}, { ENDPOINT: "" }).nodes;
  assert.equal(node?.address, "10.20.0.11");
  assert.ok(node && "machine" in node);
  assert.deepEqual([node.machine.address, node.machine.user, node.machine.port], ["203.0.113.1", "debian", 22]);
  const other = settingsFor(1, {}, { ENDPOINT: "", NODE_NETWORK: "203.0.113.0/24" });
  assert.deepEqual([other.nodes[0]?.address, other.network.gateway], ["203.0.113.1", "203.0.113.254"]);
});

test("pods and Services get networks that hold nothing that a machine has, reaches or asks", () => {
  const { network } = settingsFor(3);
  assert.deepEqual([network.podCidr, network.serviceCidr], ["10.244.0.0/16", "10.96.0.0/16"]);
  const moved = settingsFor(3, { routes: ["10.244.3.0/24", "10.245.0.0/16"], nameServers: ["10.96.0.10"] }).network;
  assert.deepEqual([moved.podCidr, moved.serviceCidr], ["10.246.0.0/16", "10.97.0.0/16"]);
  assert.throws(
    () => textFor(3, { routes: ["10.0.0.0/8", "172.16.0.0/12"] }),
    /no \/16 .* is left for pods and Services/,
  );
});

test("what a card carries beside the usual is written, and the least of all counts", () => {
  const links = (mtu: number) => seen(1).facts.addresses.map((one) => ({ ...one, mtu }));
  assert.equal(settingsFor(1, { addresses: links(1450) }, { ENDPOINT: "" }).network.mtu, 1450);
  assert.equal(settingsFor(1, { addresses: links(65520) }, { ENDPOINT: "" }).network.mtu, 9216);
  assert.doesNotMatch(textFor(3), /mtu:/);
});

test("machines whose kernel has no IPVS get another kube-proxy, and system containers what they can have", () => {
  const { kubernetes } = settingsFor(3, { ipvs: false, container: true });
  assert.equal(kubernetes.proxy.mode, "iptables");
  assert.deepEqual([kubernetes.sysctlProfiles, kubernetes.slowEtcdDisk], [["base"], "told"]);
  assert.doesNotMatch(textFor(3), /proxy:|sysctlProfiles|slowEtcdDisk|container/);
});

test("upstream's servers are recorded as the companies abroad that answer for them", () => {
  const { supply, residency } = settingsFor(3, {}, { PACKAGES: upstream, IMAGES: upstream });
  assert.deepEqual(
    supply.packages.map(({ suite }) => suite),
    ["/", "bookworm", "bookworm-security", "bookworm"],
  );
  const { registry, packages } = residency.endpoints;
  assert.deepEqual(new Set([...registry, ...packages].map(({ country }) => country)), new Set(["US"]));
  assert.deepEqual(
    packages.map(({ host }) => host),
    ["pkgs.k8s.io", "ftp.debian.org", "security.debian.org", "download.docker.com"],
  );
});

test("nobody is named as who runs a public name server, for nobody was asked", () => {
  assert.deepEqual(
    settingsFor(3, { nameServers: ["10.20.0.2", "9.9.9.9"] }).residency.endpoints.dns.map(({ host }) => host),
    ["10.20.0.2"],
  );
});

test("machines of one name, or of one that no node can have, are refused with the command that renames them", () => {
  const machines = [seen(1), seen(2, { name: "node1" }), seen(3, { name: "localhost" })];
  assert.throws(
    () => planOf(answers, machines),
    ({ message }: Error) => {
      const [second, third, ...others] = message.split("\n");
      assert.match(
        second ?? "",
        /^debian@203\.0\.113\.2: .* as debian@203\.0\.113\.1 does.*hostnamectl set-hostname node2$/,
      );
      assert.match(third ?? "", /^debian@203\.0\.113\.3: it calls itself localhost.*hostnamectl/);
      assert.deepEqual(others, []);
      return true;
    },
  );
});

test("machines of two releases of Debian are refused, for packages come from one", () => {
  assert.throws(
    () => planOf(answers, [seen(1), seen(2, { codename: "trixie" })]),
    /have the releases bookworm and trixie, and nodes install from one/,
  );
});

test("machines that share no network are refused with what each of them has", () => {
  const alone = seen(2, { addresses: [{ link: "eth0", mtu: 1500, address: "198.51.100.7", prefixLength: 32 }] });
  assert.throws(
    () => planOf(answers, [seen(1), alone]),
    /share no network.*debian@203\.0\.113\.1: 203\.0\.113\.1\/24 on eth0, 10\.20\.0\.11\/24 on eth1.*198\.51\.100\.7\/32/s,
  );
  assert.throws(
    () => planOf({ ...answers, NODE_NETWORK: "10.9.0.0/24" }, [seen(1)]),
    /NODE_NETWORK: not every machine has an address in 10\.9\.0\.0\/24; name one of 10\.20\.0\.0\/24, 203\.0\.113\.0\/24/,
  );
});

test("an address that somebody has is refused, and so is a machine that the first one does not reach", () => {
  const machines = [seen(1), seen(2), seen(3)];
  const plan = planOf(answers, machines);
  assert.deepEqual(neighbourProblems(plan, machines, ["10.20.0.11", "10.20.0.12", "10.20.0.13"]), []);
  const found = neighbourProblems(plan, machines, ["10.20.0.10", "10.20.0.11", "10.20.0.13"]);
  assert.equal(found.length, 2, found.join("\n"));
  assert.match(found[0] ?? "", /^debian@203\.0\.113\.2: debian@203\.0\.113\.1 does not reach it at 10\.20\.0\.12/);
  assert.match(found[1] ?? "", /^10\.20\.0\.10: something in 10\.20\.0\.0\/24 has this address already; choose one/);
});
