import * as pulumi from "@pulumi/pulumi";
import { Cluster } from "../components/cluster/cluster";
import { clusterArgs } from "./cluster-args";
import { loadSettings } from "./settings";

/** The program: settings in, one cluster out. Environments differ in data, never in code. */
async function main() {
  const settings = loadSettings();
  const cluster = new Cluster(pulumi.getStack(), await clusterArgs(settings));
  return {
    kubeconfig: cluster.kubeconfig,
    nodes: cluster.nodeAddresses,
    report: cluster.report,
    verification: cluster.verification,
  };
}

export = main;
