/** What makes a resource a node of a cluster: the one place that rules, review and evidence ask. */

import { at, isProperties } from "./reading";
import type { Resource, Value } from "./rule";

const kvmNode = "kjerne:node:KvmNode";
const existingMachine = "kjerne:node:ExistingMachine";
const cluster = "kjerne:cluster:Cluster";

/**
 * Whether a resource is a node. What it says about itself decides: its `address`, and with `site` where it stands and
 * who runs it. Its type does not, for anybody may write a component for machines of their own, and a rule that went by
 * types would pass over those without a word.
 *
 * Nor does a node escape by saying less. A resource is also a node, whose missing facts are then violations:
 *
 * - of one of kjerne's own types for nodes, whatever it says;
 * - with an address and `machine` (how SSH reaches it) or the role of a node in Kubernetes, but no site;
 * - with a site that names a country, but no address. Of these the cluster is none: it passes its site on to its nodes.
 *
 * A machine that says none of this can't be recognised here. RES-02 refuses the commands that are sent to it.
 */
export function isNode({ type, properties }: Resource): boolean {
  const { site, address, machine, role } = properties;
  if (type === kvmNode || type === existingMachine) return true;
  if (address === undefined) return type !== cluster && isProperties(site) && site.country !== undefined;
  return site !== undefined || machine !== undefined || role === "control-plane" || role === "worker";
}

/** Whether a node is a machine that was there before, so that its host key is known and stands in `machine.hostKey`. */
export function isExistingMachine(resource: Resource): boolean {
  return isNode(resource) && (resource.type === existingMachine || resource.properties.machine !== undefined);
}

/** The addresses at which a node may be reached: its own in the cluster, and one for SSH if that differs. */
export function addressesOf({ properties }: Resource): (Value | undefined)[] {
  return [at(properties, "address"), at(properties, "machine.address")];
}

/** Whether a resource connects to a machine by SSH, by its `connection`. */
export const connectsToMachine = ({ type }: Resource): boolean =>
  /^(command:remote:|kjerne-drift:index:(?!LocalProgram$))/.test(type);

/** Names nodes in a rule's `reads`: `node of any type: site.country`. */
export const anyNode = "node of any type";

/** What to do where a stack has no node, as a sentence. */
export const makeNodes =
  "Make nodes with KvmNode or ExistingMachine, or register a component with site and address for each.";
