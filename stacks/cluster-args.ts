import * as pulumi from "@pulumi/pulumi";
import type { ClusterArgs, DeniedNamespace } from "../components/cluster/cluster-args";
import type { Allow } from "../components/security/allow";
import { storeCredentials } from "./backup-credentials";
import { passwordOf } from "./bgp-passwords";
import type { NamedFiles } from "./named-files";
import type { Settings } from "./schema";

/**
 * The arguments of the cluster: settings, contents of the files that they name, passwords from the stack's secrets. No
 * machine is reached before `named`: that the cluster still has its name.
 */
export function clusterArgs(
  { settings, files }: { settings: Settings; files: NamedFiles },
  named: pulumi.Output<unknown> = pulumi.output(true),
): ClusterArgs {
  const { network, kubernetes, supply } = settings;
  const { calico, ...nodeNetwork } = network;
  return {
    site: settings.site,
    virtualisation: settings.virtualisation,
    ssh: {
      publicKey: files.publicKey.trim(),
      privateKey: pulumi.secret(named.apply(() => files.privateKey)),
      ...(files.hypervisorKey
        ? { hypervisorPrivateKey: pulumi.secret(named.apply(() => files.hypervisorKey as string)) }
        : {}),
    },
    hypervisors: settings.hypervisors,
    nodes: settings.nodes.map(({ kind: _, ...node }) => node),
    ...(settings.workload ? { workload: settings.workload } : {}),
    network: nodeNetwork,
    calico: {
      ...calico,
      manifest: files.calico,
      peers: calico.peers.map(({ authenticated, ...peer }) => ({
        ...peer,
        ...(authenticated ? { password: passwordOf(peer.name) } : {}),
      })),
    },
    kubernetes,
    supply: {
      debian: supply.debian,
      mirrors: supply.imageMirrors,
      index: files.index,
      ...(files.authorities ? { authorities: files.authorities } : {}),
      packages: supply.packages.map(({ signedByFile: _, ...source }, at) => ({
        ...source,
        publicKey: files.packageKeys[at] as string,
      })),
    },
    ...(settings.backup ? { backup: backupOf(settings.backup, files.storeAuthorities) } : {}),
    otherNamespaces: settings.otherNamespaces,
    ...(settings.admission ? { admission: settings.admission } : {}),
    verification: settings.verification,
    defaultDeny: settings.defaultDeny.map(deniedNamespace),
    deletionProtection: settings.deletionProtection,
  };
}

function backupOf(
  { caFile: _, ...backup }: NonNullable<Settings["backup"]>,
  authorities: string | undefined,
): NonNullable<ClusterArgs["backup"]> {
  return {
    ...backup,
    ...("s3" in backup.to ? { credentials: storeCredentials() } : {}),
    ...(authorities ? { authorities } : {}),
  };
}

/** In settings, texts are values of the label `app`; they and labels alone mean the namespace of the entry. */
export function deniedNamespace({ namespace, allow }: Settings["defaultDeny"][number]): DeniedNamespace {
  type End = Settings["defaultDeny"][number]["allow"][number]["from"];
  const end = (peer: End) => {
    if (typeof peer === "string") return { namespace, labels: { app: peer } };
    const elsewhere = "cidr" in peer || "apiServer" in peer || "namespaces" in peer;
    return elsewhere ? peer : { namespace, ...peer };
  };
  return {
    name: namespace,
    allow: allow.map(({ from, to, ...port }) => ({ ...port, from: end(from), to: end(to) }) as Allow),
  };
}
