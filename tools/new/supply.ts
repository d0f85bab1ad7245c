import { hostOf } from "../../node-config/values/locations";
import { minorOf, versions } from "../../node-config/versions";
import { type Answers, upstream } from "./questions";

interface Repository {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly signedByFile: string;
}

/** Where Debian, Kubernetes and containerd come from where somebody has no mirror. */
function upstreamRepositories(codename: string): Repository[] {
  const debian = { components: ["main"], signedByFile: "stacks/debian.asc" };
  return [
    {
      uri: `https://pkgs.k8s.io/core:/stable:/v${minorOf(versions.default)}/deb`,
      suite: "/",
      components: [],
      signedByFile: "stacks/kubernetes.asc",
    },
    { uri: "https://deb.debian.org/debian", suite: codename, ...debian },
    { uri: "https://deb.debian.org/debian-security", suite: `${codename}-security`, ...debian },
    {
      uri: "https://download.docker.com/linux/debian",
      suite: codename,
      components: ["stable"],
      signedByFile: "stacks/docker.asc",
    },
  ];
}

/** `kjerne:supply.packages` */
export function repositories({ PACKAGES = upstream, PACKAGES_KEY = "" }: Answers, codename: string): Repository[] {
  if (PACKAGES === upstream) return upstreamRepositories(codename);
  const [uri = "", suite = "", ...components] = PACKAGES.trim().split(/\s+/);
  return [{ uri, suite, components, signedByFile: PACKAGES_KEY }];
}

const registries = { "registry.k8s.io": "https://registry.k8s.io", "docker.io": "https://registry-1.docker.io" };

/** `kjerne:supply.imageMirrors` */
export function imageMirrors({ IMAGES = upstream }: Answers): { registry: string; mirror: string }[] {
  return Object.entries(registries).map(([registry, own]) => ({
    registry,
    mirror: IMAGES === upstream ? own : IMAGES,
  }));
}

/** Hosts of addresses, each once. */
export function hostsIn(addresses: readonly string[]): string[] {
  return [...new Set(addresses.map(hostOf))];
}
