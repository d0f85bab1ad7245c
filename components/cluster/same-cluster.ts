import * as pulumi from "@pulumi/pulumi";
import { Refusal } from "../refusal/refusal";
import type { Initialised } from "./first-control-plane";

/**
 * Records the cluster's CA in the state, once, and rejects when the first control plane has begun a cluster with another:
 * none of the control planes in the settings is in the one that the state knows. Let whatever is done in the cluster wait
 * for what this gives back, so that nothing is made there, and no machine of the old one is given up.
 */
export function sameCluster(
  name: string,
  { initialised, first }: { readonly initialised: pulumi.Output<Initialised>; readonly first: string },
  parent: pulumi.Resource,
): pulumi.Output<Initialised> {
  const caHash = pulumi.unsecret(initialised.apply(({ caHash }) => caHash));
  const record = new pulumi.Stash(`${name}-ca`, { input: caHash }, { parent });
  return pulumi
    .all([initialised, record.output as pulumi.Output<string | undefined>, record.urn])
    .apply(([initialised, recorded, urn]) => {
      refuseOther(first, initialised.caHash, recorded ?? initialised.caHash, urn);
      return initialised;
    });
}

/** Throws when the two hashes of a CA differ. */
export function refuseOther(first: string, caHash: string, recorded: string, urn: string): void {
  if (caHash === recorded) return;
  throw new Refusal(
    `${first} has a cluster of its own, whose CA is ${caHash}; that of this stack's is ${recorded}, and none of the control planes ` +
      "in kjerne:nodes is in it. Nothing was made in either. Put one that is in it back into the settings, beside which others " +
      `join, and \`sudo kubeadm reset\` on ${first}; or restore a backup there. Where the cluster is lost and everything shall ` +
      `begin anew, run \`pulumi state delete '${urn}'\` and go on.`,
  );
}
