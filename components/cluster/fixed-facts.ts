import * as pulumi from "@pulumi/pulumi";
import { Refusal } from "../refusal/refusal";
import type { CompleteClusterArgs } from "./with-defaults";

/** Settings that a cluster keeps for as long as it lives, by their names. */
export type FixedFacts = Readonly<Record<string, string>>;

/** What running pods, routes and certificates are made from, and no change reaches. */
export function fixedFactsOf({ network, calico, kubernetes }: CompleteClusterArgs): FixedFacts {
  const { host, port } = kubernetes.endpoint;
  return {
    "network.nodeCidr": network.nodeCidr,
    "network.podCidr": network.podCidr,
    "network.serviceCidr": network.serviceCidr,
    "network.calico.blockSize": String(calico.blockSize),
    "kubernetes.endpoint": `${host}:${port}`,
  };
}

/**
 * Records these facts in the state, once. Rejects when the state has others, in a preview too: let whatever reaches a
 * machine wait for it, so that nothing is done before.
 */
export function keepFixed(name: string, facts: FixedFacts, opts?: pulumi.CustomResourceOptions): pulumi.Output<void> {
  const record = new pulumi.Stash(name, { input: facts }, opts);
  return pulumi
    .all([record.output as pulumi.Output<FixedFacts | undefined>, record.urn])
    .apply(([recorded, urn]) => refuseOthers(facts, recorded, urn));
}

/** Throws when `recorded` has others. An older release may have recorded fewer. */
export function refuseOthers(facts: FixedFacts, recorded: FixedFacts | undefined, urn: string): void {
  const changed = Object.entries(facts).filter(([key, value]) => (recorded?.[key] ?? value) !== value);
  if (changed.length === 0) return;
  const sentences = changed.map(([key, value]) => `${key} is ${value} and was ${recorded?.[key]}`);
  throw new Refusal(
    `a cluster keeps what it was begun with:\n  ${sentences.join("\n  ")}\n` +
      "Put that back; for something else make another cluster beside this one and move the workloads. " +
      `Where no machine was made yet, run \`pulumi state delete '${urn}'\` and go on.`,
  );
}

/** The arguments, whose keys to machines are known only when the cluster still is what it was begun as. */
export function reachedOnceFixed(
  name: string,
  args: CompleteClusterArgs,
  parent: pulumi.Resource,
): CompleteClusterArgs {
  const fixed = keepFixed(`${name}-fixed`, fixedFactsOf(args), { parent });
  const onceFixed = (key: pulumi.Input<string>) => pulumi.secret(pulumi.all([key, fixed]).apply(([text]) => text));
  const { privateKey, hypervisorPrivateKey: other } = args.ssh;
  const keys = { privateKey: onceFixed(privateKey), ...(other ? { hypervisorPrivateKey: onceFixed(other) } : {}) };
  return { ...args, ssh: { ...args.ssh, ...keys } };
}
