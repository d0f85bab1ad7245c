import * as pulumi from "@pulumi/pulumi";
import { Cluster } from "../components/cluster/cluster";
import { Residency } from "../components/residency/residency";
import { clusterArgs } from "./cluster-args";
import { loadSettings } from "./settings";

/** One cluster from the stack's settings, and a record of where its data lies. Environments differ only in settings. */
async function main() {
  const read = await loadSettings();
  new Residency(pulumi.getStack(), read.settings.residency);
  const cluster = new Cluster(pulumi.getStack(), clusterArgs(read));
  return {
    kubeconfig: cluster.kubeconfig,
    nodes: cluster.nodeAddresses,
    report: cluster.report,
    verification: cluster.verification,
  };
}

export = main;
