import * as pulumi from "@pulumi/pulumi";
import type { ClusterNode } from "../node/cluster-node";
import { overSsh, type SshTarget } from "../verify/ssh";

/** For each of the nodes by name: empty, or when this run found that the cluster has lost its Node. */
export type Missing = (name: string) => pulumi.Output<string>;

/**
 * Asks the control planes which nodes were let in and have no Node now, because somebody deleted it or the run that let it
 * in was cut off: nothing in the state says so, and no input would change. A preview reaches no machine and says that none
 * is missing; so does a control plane that does not answer, since there may be no cluster yet.
 */
export function missingNodes(controlPlanes: readonly ClusterNode[]): Missing {
  const found = pulumi.runtime.isDryRun()
    ? pulumi.output<readonly string[]>([])
    : pulumi.all(controlPlanes.map((node) => node.connection)).apply((targets) => ask(targets as SshTarget[]));
  const now = new Date().toISOString();
  return (name) => pulumi.unsecret(found).apply((missing) => (missing.includes(name) ? `missing ${now}` : ""));

  async function ask(targets: readonly SshTarget[]): Promise<readonly string[]> {
    const answers = await Promise.all(targets.map((target, at) => askOne(controlPlanes[at]?.name ?? "", target)));
    const names = [...new Set(answers.flat())];
    if (names.length > 0)
      pulumi.log.warn(`these have no Node in the cluster, or one that did not get in to the end: ${names.join(", ")}`);
    return names;
  }
}

async function askOne(name: string, target: SshTarget): Promise<readonly string[]> {
  try {
    return JSON.parse(await overSsh({ [name]: target }, (run) => run(name, "verify/missing-nodes.sh", "")));
  } catch (error) {
    pulumi.log.debug(`${name} does not say which nodes the cluster has: ${(error as Error).message}`);
    return [];
  }
}
