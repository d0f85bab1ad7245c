import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseDocument } from "yaml";
import { sysctlProfiles } from "../../node-config/sysctl";
import { type Config, problems, read } from "./environments";
import { publicKeyOf } from "./key-samples";

test("the production example is valid, and gets defaults for what it leaves out", async () => {
  const { settings: oslo } = await read("oslo");
  assert.equal(oslo.kubernetes.proxy.mode, "ipvs");
  assert.equal(oslo.kubernetes.proxy.scheduler, "rr");
  assert.equal(oslo.kubernetes.proxy.syncPeriodSeconds, 30);
  assert.equal(oslo.hypervisors[0]?.pool.medium, "nvme");
});

test("the lab's file is a template until `make lab` fills it in", async () => {
  await assert.rejects(read("lab"), /hostKey.*ed25519/);
  const filledIn = await read("lab", (config) => {
    config.hypervisors[0].hostKey = publicKeyOf("hv1");
  });
  assert.equal(filledIn.settings.virtualisation, "emulated");
});

test("all mistakes of shape are in one message, with the value and the rule", async () => {
  const found = await problems((config) => {
    config.nodes[0].address = "10.20.0.300";
    config.nodes[1].memoryMiB = 512;
    config.network.mtu = 100;
    config.network.calico.peer = [];
    config.site.country = "Norway";
    delete config.ssh;
  });
  assert.equal(found.length, 6, found.join("\n"));
  assert.match(found.join("\n"), /nodes\[0\]\.address \(10\.20\.0\.300\): is not an IPv4 address/);
  assert.match(found.join("\n"), /network\.mtu \(100\)/);
  assert.match(found.join("\n"), /ssh: is missing/);
  assert.match(found.join("\n"), /site\.country \(Norway\): is not an ISO 3166-1 country code such as NO/);
});

test("the record of where data and control lie has no defaults: what is missing is refused", async () => {
  const found = await problems((config) => {
    config.residency.backups[0].country = "Norway";
    config.residency.attestations[0].until = "next summer";
    config.residency.endpoints.time[0].host = "https://ntp.justervesenet.no";
    delete config.residency.endpoints.telemetry;
    delete config.residency.state;
  });
  assert.equal(found.length, 5, found.join("\n"));
  assert.match(found.join("\n"), /residency\.endpoints\.telemetry: is missing/);
  assert.match(found.join("\n"), /residency\.attestations\[0\]\.until \(next summer\): is not a day in quotes such as/);
});

const crossed: readonly [string, (config: Config) => void, RegExp][] = [
  [
    "networks that overlap",
    (c) => {
      c.network.podCidr = "10.20.0.0/16";
    },
    /nodeCidr 10\.20\.0\.0\/24 overlaps network\.podCidr 10\.20\.0\.0\/16; choose disjoint/,
  ],
  [
    "a node outside the node network",
    (c) => {
      c.nodes[3].address = "10.99.0.1";
    },
    /worker1 is 10\.99\.0\.1, outside network\.nodeCidr/,
  ],
  [
    "a hypervisor that does not exist",
    (c) => {
      c.nodes[0].hypervisor = "hv9";
    },
    /cp1 lies on hypervisor hv9; choose one of hv1, hv2, hv3/,
  ],
  [
    "two machines of one name",
    (c) => {
      c.nodes[1].name = "cp1";
    },
    /cp1 is the name of two machines/,
  ],
  [
    "two machines with one address",
    (c) => {
      c.nodes[1].address = "10.20.0.31";
    },
    /10\.20\.0\.31 is the address of two machines/,
  ],
  [
    "an even number of control planes",
    (c) => {
      c.nodes.splice(0, 1);
    },
    /2 control planes; etcd needs an odd number of members: choose 1, 3, 5 or 7/,
  ],
  [
    "a control plane with one CPU",
    (c) => {
      c.nodes[0].cpus = 1;
    },
    /cp1 has 1 CPU; kubeadm wants 2 for a control plane: set cpus: 2/,
  ],
  [
    "a control plane with little memory",
    (c) => {
      c.nodes[0].memoryMiB = 1536;
    },
    /cp1 has 1536 MiB; kubeadm wants 2 GiB for a control plane: set memoryMiB: 2048 or more/,
  ],
  [
    "fewer pinned CPUs than CPUs",
    (c) => {
      c.nodes[3].pinnedCpus = [8];
    },
    /worker1 pins 1 CPUs and has 8/,
  ],
  [
    "an emulated pool in production",
    (c) => {
      c.hypervisors[0].pool = { medium: "emulated" };
    },
    /pool of hv1 is emulated, which only a lab may have/,
  ],
  [
    "versions that were never seen together",
    (c) => {
      c.network.calico.version = "3.20.0";
    },
    /Kubernetes 1\.36\.3 with Calico 3\.20\.0 was not seen working; choose one of/,
  ],
  [
    "a release that is not in versions.yaml",
    (c) => {
      c.kubernetes.version = "1.36.9";
    },
    /1\.36\.9.*releases: 1\.36\.3/,
  ],
  [
    "kube-proxy in nftables mode with a Calico that does not work with it",
    (c) => {
      c.kubernetes.proxy = { mode: "nftables" };
    },
    /kubernetes\.proxy\.mode: kube-proxy mode nftables needs Calico 3\.31 or later, not 3\.28\.5; choose such a Calico/,
  ],
  [
    "a kube-proxy mode that the Kubernetes release no longer has",
    (c) => {
      c.kubernetes.version = "1.43.0";
    },
    /kubernetes\.proxy\.mode: kube-proxy mode ipvs was removed in Kubernetes 1\.43, .*; set kubernetes\.proxy\.mode to nftables/,
  ],
  [
    "default deny in a namespace that the cluster itself runs in",
    (c) => {
      c.defaultDeny.push({ namespace: "kube-system" });
    },
    /defaultDeny\[1\]\.namespace \(kube-system\): .* would be cut off; remove the entry/,
  ],
];

for (const [what, change, message] of crossed) {
  test(`${what}: refused with the way out`, async () => {
    assert.match((await problems(change)).join("\n"), message);
  });
}

test("settings may name each sysctl profile that has a folder, and no other", async () => {
  const folders = readdirSync(join(__dirname, "../../node-config/profiles")).sort();
  const { settings } = await read("oslo", (config) => {
    config.kubernetes.sysctlProfiles = folders;
  });
  assert.deepEqual(settings.kubernetes.sysctlProfiles, folders);
  assert.deepEqual([...sysctlProfiles].sort(), folders);
});

test("the example files have no duplicate keys and parse without warnings", () => {
  for (const environment of ["lab", "oslo"]) {
    const text = readFileSync(join(__dirname, `../../stacks/Pulumi.${environment}.yaml`), "utf8");
    const document = parseDocument(text);
    assert.deepEqual([...document.errors, ...document.warnings], []);
  }
});
