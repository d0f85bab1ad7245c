import { join } from "node:path";
import { metallbImage as metallbName } from "../../../node-config/load-balancers";
import { metricsServerImage as metricsServerName } from "../../../node-config/metrics";
import type { KubernetesRelease } from "../../../node-config/versions";
import type { ImageRecipe } from "../image";
import { added } from "./modules";

/** Packages of the userland under kube-proxy and calico/node: one layer for both, so a node keeps it once. */
export const userlandPackages = "busybox iptables ipset conntrack kmod iproute2 nftables runit bird".split(" ");

const bin = (directory: string, ...names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [`/usr/local/bin/${name}`, join(directory, name)]));

/** Directories of built programs, and the userland layer. */
export interface ImageInputs {
  readonly kubernetes: string;
  readonly etcd: string;
  readonly coredns: string;
  readonly pause: string;
  readonly userland: string;
}

/** The images that kubeadm of this release asks for (`kubeadm config images list`), and the probe image. */
export function kubernetesImages(
  version: string,
  release: KubernetesRelease,
  built: ImageInputs,
): readonly ImageRecipe[] {
  const control = ["kube-apiserver", "kube-controller-manager", "kube-scheduler"].map((name) => ({
    name: `registry.k8s.io/${name}:v${version}`,
    files: bin(built.kubernetes, name),
    entrypoint: `/usr/local/bin/${name}`,
  }));
  return [
    ...control,
    {
      name: `registry.k8s.io/kube-proxy:v${version}`,
      userland: built.userland,
      files: bin(built.kubernetes, "kube-proxy"),
      entrypoint: "/usr/local/bin/kube-proxy",
    },
    {
      name: `registry.k8s.io/etcd:${release.etcdImage}`,
      files: bin(built.etcd, "etcd", "etcdctl", "etcdutl"),
      entrypoint: "/usr/local/bin/etcd",
    },
    {
      name: `registry.k8s.io/coredns/coredns:v${release.coredns}`,
      files: { "/coredns": join(built.coredns, "coredns") },
      entrypoint: "/coredns",
    },
    {
      name: `registry.k8s.io/pause:${release.pause}`,
      files: { "/pause": join(built.pause, "pause") },
      entrypoint: "/pause",
      user: "65535:65535",
    },
  ];
}

/**
 * The image that network probes run, from the sources of the default Kubernetes release; with a shell, as upstream's.
 */
export const agnhostImage = (kubernetes: string, userland: string): ImageRecipe => ({
  name: `registry.k8s.io/e2e-test-images/agnhost:${added.agnhost}`,
  userland,
  files: { "/agnhost": join(kubernetes, "agnhost") },
  links: { "/agnhost-2": "agnhost" },
  entrypoint: "/agnhost",
  command: "pause",
});

export const metricsServerImage = (programs: string): ImageRecipe => ({
  name: metricsServerName,
  files: { "/metrics-server": join(programs, "metrics-server") },
  entrypoint: "/metrics-server",
  user: "65534",
});

export const metallbImage = (programs: string): ImageRecipe => ({
  name: metallbName,
  files: { "/controller": join(programs, "controller") },
  entrypoint: "/controller",
  user: "65534",
});

/** Calico's images by the names in its manifest. `files` is the file tree of calico/node (calico-files.ts). */
export const calicoImages = (programs: string, files: string, userland: string): readonly ImageRecipe[] => [
  {
    name: `docker.io/calico/node:v${added.calico}`,
    userland,
    // In /usr: the userland's /bin is a link to /usr/bin, and a directory in its place would hide what is there.
    files: {
      "/": files,
      "/usr/bin/calico-node": join(programs, "calico-node"),
      "/usr/bin/mountns": join(programs, "mountns"),
    },
    // What calico-node calls for its liveness probe. Debian has only the client that can edit lines, which takes the same
    // arguments.
    links: { "/usr/bin/birdcl": "../sbin/birdc" },
    command: "start_runit",
    environment: { SVDIR: "/etc/service/enabled" },
  },
  {
    name: `docker.io/calico/cni:v${added.calico}`,
    files: {
      "/opt/cni/bin/calico": join(programs, "calico"),
      "/opt/cni/bin/calico-ipam": join(programs, "calico"),
      "/opt/cni/bin/install": join(programs, "install"),
    },
    command: "/opt/cni/bin/install",
    workingDirectory: "/opt/cni/bin",
  },
  {
    name: `docker.io/calico/kube-controllers:v${added.calico}`,
    files: {
      "/usr/bin/kube-controllers": join(programs, "kube-controllers"),
      "/usr/bin/check-status": join(programs, "check-status"),
    },
    // For the file that its probes read.
    writable: ["/status"],
    entrypoint: "/usr/bin/kube-controllers",
    user: "999",
  },
];
