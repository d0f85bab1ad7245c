import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import type { ClusterArgs, DeniedNamespace } from "../components/cluster/cluster-args";
import { readManifest } from "../components/network/manifest-source";
import type { Settings } from "./settings";

/** Settings with the files that they name read, and the secrets that stand beside them. */
export async function clusterArgs(settings: Settings): Promise<ClusterArgs> {
  const { ssh, network, kubernetes, supply } = settings;
  const { calico, ...nodeNetwork } = network;
  return {
    site: settings.site,
    virtualisation: settings.virtualisation,
    ssh: {
      publicKey: (await read(ssh.publicKeyFile)).trim(),
      privateKey: pulumi.secret(await read(ssh.privateKeyFile)),
    },
    hypervisors: settings.hypervisors,
    nodes: settings.nodes,
    network: nodeNetwork,
    calico: {
      ...calico,
      manifest: await readManifest(calico.manifest, calico.manifestSha256),
      peers: calico.peers.map(({ authenticated, ...peer }) => ({
        ...peer,
        ...(authenticated ? { password: passwordOf(peer.name) } : {}),
      })),
    },
    kubernetes,
    supply: {
      mirrors: supply.imageMirrors,
      index: JSON.parse(await read(supply.index)),
      packages: await Promise.all(
        supply.packages.map(async ({ signedByFile, ...source }) => ({
          ...source,
          publicKey: await read(signedByFile),
        })),
      ),
    },
    defaultDeny: settings.defaultDeny.map(deniedNamespace),
  };
}

/** The router's TCP-MD5 password, from the stack's secrets. */
function passwordOf(peer: string): pulumi.Output<string> {
  const key = `bgpPasswords.${peer}`;
  return new pulumi.Config().requireSecretObject<Record<string, string>>("bgpPasswords").apply((passwords) => {
    const password = passwords[peer];
    if (password) return password;
    throw new Error(
      `${key} is not set: the session with router ${peer} needs a password; ` +
        `run \`pulumi config set --secret --path kjerne:${key}\`, or set authenticated: false on the peer`,
    );
  });
}

/** In settings both ends are `app` labels of the same namespace, as in the articles. */
function deniedNamespace({ namespace, allow }: Settings["defaultDeny"][number]): DeniedNamespace {
  const pods = (app: string) => ({ namespace, labels: { app } });
  return {
    name: namespace,
    allow: allow.map(({ from, to, ...port }) => ({ ...port, from: pods(from), to: pods(to) })),
  };
}

async function read(file: string): Promise<string> {
  return readFile(file.replace(/^~(?=\/)/, homedir()), "utf8");
}
