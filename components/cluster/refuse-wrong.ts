import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { loadBalancerImages } from "../../node-config/load-balancers";
import { metricsImages } from "../../node-config/metrics";
import { twiceDenied } from "../../node-config/values/denied-namespaces";
import { problemsOf, text } from "../../node-config/values/rule";
import { mirrors, packageSource, values } from "../../node-config/values/shapes";
import { completeIndex } from "../../node-config/values/software";
import { belongTogether, privateKey, publicKeys } from "../../node-config/values/ssh-keys";
import { workload } from "../../node-config/workload/questions";
import { calicoImages, calicoVersion, manifestProblem } from "../network/calico-manifest";
import { refuse } from "../refusal/refusal";
import { problemsOfDenial } from "../security/default-deny";
import { missingHalves, openingsOf } from "../security/openings";
import { admission } from "./admission-keys";
import { backup } from "./backup-keys";
import type { ClusterArgs } from "./cluster-args";
import { calico, hypervisor, kubernetes, network } from "./cross-check";
import { crossChecks } from "./cross-checks";
import { existingNodeKeys, kvmNodeKeys, machineKeys } from "./machine-keys";
import { otherNamespaces, supplyKeys, verificationKeys } from "./settings-keys";

const kvmNode = z.object(kvmNodeKeys);
const existingNode = z.object({ ...existingNodeKeys, machine: z.object(machineKeys) });
/** A union would say of a wrong node only that it is none of both. */
const node = z.looseObject({}).check(({ value, issues }) => {
  const { error } = ("machine" in value ? existingNode : kvmNode).safeParse(value);
  for (const { path, message } of error?.issues ?? []) issues.push({ code: "custom", path, message, input: value });
});

const shape = z.object({
  name: values.hostName,
  ssh: z.object({ publicKey: text(publicKeys) }),
  hypervisors: z.array(hypervisor).optional(),
  nodes: z.array(node).min(1),
  workload: workload.optional(),
  network,
  calico: calico.omit({ version: true }),
  kubernetes,
  otherNamespaces,
  admission: admission.optional(),
  backup: backup.extend({ credentials: z.unknown().optional(), authorities: values.authorities.optional() }).optional(),
  verification: z.object(verificationKeys).optional(),
  supply: z.object({
    ...supplyKeys,
    packages: z.array(packageSource).min(1),
    mirrors,
    authorities: values.authorities.optional(),
  }),
});

/**
 * Throws with everything in which the arguments of a cluster can't work: each value, and what contradicts something else.
 * A private key that is known only later is judged when it is.
 */
export function refuseWrong(name: string, args: ClusterArgs): void {
  const what = `cluster ${name}`;
  refuse(what, problemsOfCluster(name, args));
  pulumi.output(args.ssh.privateKey).apply((key) => {
    const problem = privateKey(key) ?? belongTogether(key, args.ssh.publicKey);
    refuse(what, problem ? [`ssh: ${problem}`] : []);
  });
  pulumi.output(args.ssh.hypervisorPrivateKey).apply((key) => {
    const problem = key === undefined ? undefined : privateKey(key);
    refuse(what, problem ? [`ssh.hypervisorPrivateKey: ${problem}`] : []);
  });
}

function problemsOfCluster(name: string, args: ClusterArgs): string[] {
  const { error } = shape.safeParse({ ...args, name });
  return [
    ...problemsOf(error, { ...args, name }),
    ...crossChecks(asSettings(args)).map(asArgument),
    ...ofSoftware(args),
    ...ofDenial(args),
  ];
}

/** As settings have it: Calico is a part of the network, and its version is told apart from the manifest. */
function asSettings({ backup, calico, network, supply, ...rest }: ClusterArgs): object {
  const version = calicoVersion(calico.manifest);
  return {
    ...rest,
    ...(backup ? { backup: { to: backup.to, caFile: backup.authorities } } : {}),
    network: { ...network, calico: { ...calico, ...(version ? { version } : {}) } },
    supply: { debian: supply.debian, packages: supply.packages, imageMirrors: supply.mirrors },
  };
}

function asArgument(problem: string): string {
  return problem
    .replaceAll("network.calico.", "calico.")
    .replaceAll("supply.imageMirrors", "supply.mirrors")
    .replaceAll("backup.caFile", "backup.authorities");
}

function ofSoftware({ calico, kubernetes, network, supply }: ClusterArgs): string[] {
  const problem = manifestProblem(calico.manifest);
  if (problem) return [`calico.manifest: ${problem}`];
  const version = calicoVersion(calico.manifest) ?? "";
  const images = [
    ...calicoImages(calico.manifest),
    ...metricsImages(kubernetes.metricsServer),
    ...loadBalancerImages(network.loadBalancerCidrs, version),
  ];
  return completeIndex(supply.index, kubernetes.version, version, images).map((problem) => `supply.index: ${problem}`);
}

function ofDenial({ defaultDeny = [], otherNamespaces }: ClusterArgs): string[] {
  const api = { addresses: [], port: 6443 };
  return [
    ...defaultDeny.flatMap(({ name }) =>
      problemsOfDenial({ namespaces: [name], allow: openingsOf(name, defaultDeny), api }).map(
        (problem) => `defaultDeny of ${name}: ${problem}`,
      ),
    ),
    ...twiceDenied(defaultDeny.map(({ name }) => name)),
    ...(otherNamespaces === "closed" ? missingHalves(defaultDeny) : []),
  ];
}
