import * as pulumi from "@pulumi/pulumi";
import type { ClusterNode } from "../node/cluster-node";
import { overSsh, type SshTarget } from "../verify/ssh";

/** For each of the nodes by name: empty, or when this run found that the cluster has lost its Node. */
export type Missing = (name: string) => pulumi.Output<string>;

/**
 * Asks a control plane which nodes were let in and have no Node now, because somebody deleted it: nothing in the state
 * says so, and no input would change. A preview reaches no machine and says that none is missing; so does a control
 * plane that does not answer, since there may be no cluster yet.
 */
export function missingNodes(through: ClusterNode): Missing {
  const found = pulumi.runtime.isDryRun()
    ? pulumi.output<readonly string[]>([])
    : pulumi.unsecret(pulumi.output(through.connection).apply((target) => ask(through.name, target as SshTarget)));
  const now = new Date().toISOString();
  return (name) => found.apply((missing) => (missing.includes(name) ? `missing ${now}` : ""));
}

async function ask(name: string, target: SshTarget): Promise<readonly string[]> {
  try {
    const missing = await overSsh({ [name]: target }, (run) => run(name, "verify/missing-nodes.sh", ""));
    const names = JSON.parse(missing) as string[];
    if (names.length > 0) pulumi.log.warn(`the cluster has no Node ${names.join(", ")} any more: each registers again`);
    return names;
  } catch (error) {
    pulumi.log.debug(`${name} does not say which nodes the cluster has: ${(error as Error).message}`);
    return [];
  }
}
