import { hostOf } from "../../node-config/values/locations";
import { minorOf, versions } from "../../node-config/versions";
import { type Answers, upstream } from "./questions";

/** An entry of `kjerne:supply.packages`. */
export interface Repository {
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  readonly signedByFile: string;
}

/**
 * Where Debian, Kubernetes and containerd come from where somebody has no mirror, and whose key each has. Debian's own
 * servers promise no TLS; apt believes signatures alone.
 */
function upstreamRepositories(codename: string, keyFile: (of: Maker) => string): Repository[] {
  const debian = { components: ["main"], signedByFile: keyFile("debian") };
  return [
    { uri: kubernetes, suite: "/", components: [], signedByFile: keyFile("kubernetes") },
    { uri: "http://ftp.debian.org/debian", suite: codename, ...debian },
    { uri: "http://security.debian.org/debian-security", suite: `${codename}-security`, ...debian },
    { uri: docker, suite: codename, components: ["stable"], signedByFile: keyFile("docker") },
  ];
}

const kubernetes = `https://pkgs.k8s.io/core:/stable:/v${minorOf(versions.default)}/deb`;
const docker = "https://download.docker.com/linux/debian";

/** Whose keys sign upstream's repositories. */
export type Maker = "kubernetes" | "debian" | "docker";

/** Where the makers show their keys, in ASCII armour. Debian's come with Debian: machines have them. */
export const keyAddresses = { kubernetes: `${kubernetes}/Release.key`, docker: `${docker}/gpg` } as const;

/**
 * @param codename Of the release that nodes have.
 * @param keyFile The file that has a maker's key, as the settings name it.
 */
export function repositoriesIn(
  { PACKAGES = upstream, PACKAGES_KEY = "" }: Answers,
  codename: string,
  keyFile: (of: Maker) => string,
): Repository[] {
  if (PACKAGES === upstream) return upstreamRepositories(codename, keyFile);
  const [uri = "", suite = "", ...components] = PACKAGES.trim().split(/\s+/);
  return [{ uri, suite, components, signedByFile: PACKAGES_KEY }];
}

/** Keys of OpenPGP in base64 as apt takes them in settings. */
export function armoured(base64: string): string {
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN PGP PUBLIC KEY BLOCK-----", "", ...lines, "-----END PGP PUBLIC KEY BLOCK-----", ""].join("\n");
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
