import * as pulumi from "@pulumi/pulumi";
import { Cluster } from "../components/cluster/cluster";
import { keepFixed } from "../components/cluster/fixed-facts";
import { Residency } from "../components/residency/residency";
import { choose } from "../node-config/workload/choice";
import { clusterArgs } from "./cluster-args";
import { loadSettings } from "./settings";

/** One cluster from the stack's settings, and a record of where its data lies. Environments differ only in settings. */
async function main() {
  const read = await loadSettings();
  const { name, residency, workload } = read.settings;
  const named = keepFixed("cluster-name", { name });
  new Residency(name, residency);
  const chosen = workload && choose(workload);
  if (chosen) pulumi.log.info(`network profile ${chosen.profile}: ${chosen.because} ${chosen.answers.join("; ")}`);
  if (!read.settings.backup) pulumi.log.info("nobody backs up etcd: kjerne:backup is not set");
  const cluster = new Cluster(name, clusterArgs(read, named));
  return {
    kubeconfig: cluster.kubeconfig,
    nodes: cluster.nodeAddresses,
    report: cluster.report,
    verification: cluster.verification,
    ...(chosen ? { networkProfile: chosen } : {}),
    ...(read.settings.hypervisors.length > 0 ? { hypervisors: cluster.hypervisors } : {}),
    ...(read.settings.kubernetes.operators.length > 0 ? { operators: cluster.operators } : {}),
  };
}

export = main;
