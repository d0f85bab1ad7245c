import { Cluster } from "../components/cluster/cluster";
import { keepFixed } from "../components/cluster/fixed-facts";
import { Residency } from "../components/residency/residency";
import { clusterArgs } from "./cluster-args";
import { loadSettings } from "./settings";

/** One cluster from the stack's settings, and a record of where its data lies. Environments differ only in settings. */
async function main() {
  const read = await loadSettings();
  const { name, residency } = read.settings;
  const named = keepFixed("cluster-name", { name });
  new Residency(name, residency);
  const cluster = new Cluster(name, clusterArgs(read, named));
  return {
    kubeconfig: cluster.kubeconfig,
    nodes: cluster.nodeAddresses,
    report: cluster.report,
    verification: cluster.verification,
    ...(read.settings.hypervisors.length > 0 ? { hypervisors: cluster.hypervisors } : {}),
    ...(read.settings.kubernetes.operators.length > 0 ? { operators: cluster.operators } : {}),
  };
}

export = main;
