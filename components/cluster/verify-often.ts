import type * as pulumi from "@pulumi/pulumi";
import type { FileSets } from "../machine/node-files";
import { ContinuousVerification } from "./continuous-verification";
import type { Member } from "./machines";
import { wantedOf } from "./wanted";
import { type CompleteClusterArgs, type CompleteNodeSpec, isExisting } from "./with-defaults";

/**
 * Has control planes verify the cluster again and again, where the settings ask for it.
 *
 * @returns What was written on each node for it.
 */
export function verifyOften(
  name: string,
  args: CompleteClusterArgs,
  members: readonly Member[],
  opts: pulumi.ComponentResourceOptions,
): Readonly<Record<string, FileSets>> {
  const { everyMinutes } = args.verification;
  if (everyMinutes === undefined) return {};
  const nodes = members.map(({ node }) => ({ node, port: portOf(args.nodes.find(({ name }) => name === node.name)) }));
  const controlPlanes = members.filter(({ role }) => role === "control-plane").map(({ node }) => node);
  const wanted = wantedOf(args);
  return new ContinuousVerification(`${name}-again`, { wanted, everyMinutes, nodes, controlPlanes }, opts).sets;
}

/** In the nodes' network: one that is reached at another address may be behind a router that replaces the port. */
function portOf(spec: CompleteNodeSpec | undefined): number {
  if (!spec || !isExisting(spec)) return 22;
  const { address = spec.address, port = 22 } = spec.machine;
  return address === spec.address ? port : 22;
}
