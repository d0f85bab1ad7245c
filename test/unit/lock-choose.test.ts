import assert from "node:assert/strict";
import { test } from "node:test";
import { machinePackages, nodePackages } from "../../node-config/packages";
import type { Offer } from "../../tools/lock/apt";
import { choosePackages } from "../../tools/lock/choose";

const releases = { kubernetes: "1.36.3", calico: "3.32.2" };
const upstream: Readonly<Record<string, readonly string[]>> = {
  kubeadm: ["1.36.4-1.1", "1.36.3-1.1", "1.36.2-2.1"],
  kubelet: ["1.36.4-1.1", "1.36.3-1.1"],
  kubectl: ["1.36.3-1.1"],
  "cri-tools": ["1.36.0-1.1"],
  "kubernetes-cni": ["1.8.0-1.1"],
  // Debian's, and Docker's.
  containerd: ["1.6.20~ds1-1+deb12u1"],
  runc: ["1.1.5+ds1-1+deb12u1"],
  "containerd.io": ["2.4.0-1~debian.12~bookworm", "2.3.7-1~debian.12~bookworm", "1.7.29-1~debian.12~bookworm"],
};

/** What is chosen where repositories offer these versions, and one of every other package, from security updates. */
const chosen = (offered: Readonly<Record<string, readonly string[]>>) => {
  const offers = (versions: readonly string[], source: string): Offer[] =>
    versions.map((version) => ({ version, source }));
  const others = nodePackages({}).filter((name) => !(name in upstream));
  return choosePackages(
    {
      snapshot: "f00d",
      offers: async () =>
        new Map([
          ...Object.entries(offered).map(([name, all]) => [name, offers(all, "https://pkgs.k8s.io")] as const),
          ...others.map((name) => [name, offers(["1"], "https://deb.eksempel.no bookworm-security/main")] as const),
        ]),
    },
    nodePackages({}),
    releases,
  );
};

test("Kubernetes is of the release that the settings name, and a later patch release is told", async () => {
  const { packages, newerKubernetes, problems } = await chosen(upstream);
  assert.deepEqual(problems, []);
  assert.deepEqual([packages.kubeadm, packages.kubelet, packages.kubectl], ["1.36.3-1.1", "1.36.3-1.1", "1.36.3-1.1"]);
  assert.equal(newerKubernetes, "1.36.4-1.1");
});

test("where Debian's containerd is too old, Docker's is taken, of the minor that was seen, and no runc beside it", async () => {
  const { packages, others } = await chosen(upstream);
  assert.equal(packages["containerd.io"], "2.3.7-1~debian.12~bookworm");
  assert.deepEqual(
    ["containerd", "runc"].filter((name) => name in packages || name in others),
    [],
  );
  const installed = machinePackages(packages, "worker").map((one) => one.split("=")[0]);
  assert.deepEqual(
    installed.filter((name) => /^(containerd|runc)/.test(name ?? "")),
    ["containerd.io"],
  );
});

test("a mirror's own containerd of that minor comes before Docker's", async () => {
  const { packages, others } = await chosen({ ...upstream, containerd: ["2.3.7-1"] });
  assert.deepEqual(
    [packages.containerd, packages["containerd.io"], others.runc],
    ["2.3.7-1", undefined, "1.1.5+ds1-1+deb12u1"],
  );
});

test("what no repository has is told all at once, with what they have instead", async () => {
  const { problems } = await chosen({ ...upstream, kubelet: ["1.35.4-1.1"], "cri-tools": [], "containerd.io": [] });
  assert.deepEqual(problems, [
    "kubelet: no repository has release 1.36.3; they have 1.35.4-1.1",
    "containerd: no repository has containerd 2.3, which was seen with Kubernetes 1.36.3 and Calico 3.32.2; they have 1.6.20~ds1-1+deb12u1",
    "cri-tools: no repository has it; they have none",
  ]);
});

test("packages from a repository of security updates are known as such", async () => {
  const { security } = await chosen(upstream);
  assert.ok(security.has("openssh-server") && !security.has("kubeadm"));
});
