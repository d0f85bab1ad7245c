import { type KubernetesRelease, minorOf, versions } from "../../../node-config/versions";
import type { GoModule } from "../go-module";

/** Versions of what the supply adds to a Kubernetes release. */
export const added = versions.supply;

/** What `version` of Kubernetes is made of. Throws, with the versions there are, when there is no such release. */
export function releaseOf(version: string): KubernetesRelease {
  const release = versions.kubernetes[version];
  if (release) return release;
  const known = Object.keys(versions.kubernetes).join(", ");
  throw new Error(
    `supply: no recipe for Kubernetes ${version}; versions.yaml has ${known}. Choose one of them or add it.`,
  );
}

export function kubernetes(version: string): GoModule {
  const [major, minor] = minorOf(version).split(".") as [string, string];
  const stamp = { gitVersion: `v${version}`, gitMajor: major, gitMinor: minor, gitTreeState: "clean" };
  const variables = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) =>
    Object.entries({ ...stamp, buildDate: "1970-01-01T00:00:00Z" }).map(([name, value]) => [`${path}.${name}`, value]),
  );
  const commands = "kube-apiserver kube-controller-manager kube-proxy kube-scheduler kubeadm kubectl kubelet".split(
    " ",
  );
  return {
    name: `kubernetes-${version}`,
    programs: {
      ...Object.fromEntries(commands.map((name) => [name, `k8s.io/kubernetes/cmd/${name}`])),
      agnhost: "k8s.io/kubernetes/test/images/agnhost",
    },
    values: Object.fromEntries(variables),
  };
}

export const etcd = (version: string): GoModule => ({
  name: `etcd-${version}`,
  programs: {
    etcd: "go.etcd.io/etcd/server/v3",
    etcdctl: "go.etcd.io/etcd/etcdctl/v3",
    etcdutl: "go.etcd.io/etcd/etcdutl/v3",
  },
});

export const coredns = (version: string): GoModule => ({ name: `coredns-${version}`, programs: { coredns: "." } });

export const pause: GoModule = { name: "pause", programs: { pause: "." } };

export const containerd: GoModule = {
  name: "containerd",
  programs: Object.fromEntries(
    ["containerd", "containerd-shim-runc-v2", "ctr"].map((name) => [
      name,
      `github.com/containerd/containerd/v2/cmd/${name}`,
    ]),
  ),
  // btrfs needs C headers, and nodes are ext4 or xfs.
  tags: "no_btrfs",
  values: { "github.com/containerd/containerd/v2/version.Version": versions.containerd },
};

const calicoPath = "github.com/projectcalico/calico";

export const calico: GoModule = {
  name: "calico",
  programs: {
    "calico-node": `${calicoPath}/node/cmd/calico-node`,
    mountns: `${calicoPath}/node/cmd/mountns`,
    calico: `${calicoPath}/cni-plugin/cmd/calico`,
    install: `${calicoPath}/cni-plugin/cmd/install`,
    "kube-controllers": `${calicoPath}/kube-controllers/cmd/kube-controllers`,
    "check-status": `${calicoPath}/kube-controllers/cmd/check-status`,
    calicoctl: `${calicoPath}/calicoctl/calicoctl`,
  },
  values: {
    "main.VERSION": `v${added.calico}`,
    [`${calicoPath}/node/pkg/lifecycle/startup.VERSION`]: `v${added.calico}`,
    [`${calicoPath}/node/buildinfo.GitVersion`]: `v${added.calico}`,
    [`${calicoPath}/felix/buildinfo.GitVersion`]: `v${added.calico}`,
    [`${calicoPath}/calicoctl/calicoctl/commands.VERSION`]: `v${added.calico}`,
    [`${calicoPath}/calicoctl/calicoctl/commands/common.VERSION`]: `v${added.calico}`,
  },
};

export const criTools: GoModule = {
  name: "cri-tools",
  programs: { crictl: "sigs.k8s.io/cri-tools/cmd/crictl" },
  values: { "sigs.k8s.io/cri-tools/pkg/version.Version": added.criTools },
};

export const metricsServer: GoModule = {
  name: "metrics-server",
  programs: { "metrics-server": "sigs.k8s.io/metrics-server/cmd/metrics-server" },
  values: { "k8s.io/client-go/pkg/version.gitVersion": `v${added.metricsServer}` },
};

export const metallb: GoModule = {
  name: "metallb",
  programs: { controller: "go.universe.tf/metallb/controller" },
};

/** Keeps and makes images. Not part of what is supplied. */
export const imageTools: GoModule = {
  name: "registry",
  programs: {
    registry: "github.com/distribution/distribution/v3/cmd/registry",
    crane: "github.com/google/go-containerregistry/cmd/crane",
  },
};

/** A store that speaks S3 and keeps each object as a file, for tests of backups. Not part of what is supplied. */
export const s3Store: GoModule = {
  name: "versitygw",
  programs: { versitygw: "github.com/versity/versitygw/cmd/versitygw" },
};
