import { probePlan } from "../../../components/verify/probe-plan";
import type { Check } from "../../../components/verify/report";
import type { Wanted, WantedNode } from "../../../components/verify/wanted";
import { clusterFailures } from "./cluster-failures";
import { type Failure, nodeFailures } from "./failures";

/**
 * Every check that the report on a cluster must hold, as `NODE ID`, sorted. Which checks there are comes from the tables
 * of failures and not from the code that makes them, so that a check that is no longer made is missed. Kernel settings
 * and connections are those of the cluster in question. Whether a node answers is tried in verify-run.test.ts.
 */
export function everyCheck(wanted: Wanted): string[] {
  const sysctls = wanted.sysctls.map(({ key }) => `sysctl-${key}`);
  const ofEachNode = [...idsOf(nodeFailures).filter((id) => !id.startsWith("sysctl-")), ...sysctls].filter(
    (id) => id !== "ipvs-services" || wanted.proxy.mode === "ipvs",
  );
  const idsOfNode = ({ container, clock, fabricInterface }: WantedNode) =>
    ["ssh", ...ofEachNode]
      .filter((id) => !id.startsWith("fabric-") || fabricInterface !== undefined)
      .filter((id) => !container || !ofHosts.test(id))
      .filter((id) => id !== "clock-synchronised" || clock !== undefined);
  const connections = probePlan(wanted).flatMap(({ name, node, passes, carries, refused, whole }) =>
    [...passes, ...carries, ...refused, ...whole].map(({ id }) => `${node} probe-${name}-${id}`),
  );
  return [
    ...idsOf(clusterFailures).map((id) => `cluster ${id}`),
    ...(wanted.endpoint ? ["cluster endpoint-held"] : []),
    ...(wanted.announcedEndpoint ? ["cluster endpoint-announced"] : []),
    ...(wanted.backup ? ["cluster backup-fresh"] : []),
    ...(wanted.admission ? ["cluster admission-policies"] : []),
    ...(wanted.loadBalancerCidrs
      ? ["cluster load-balancer-addresses", ...wanted.nodes.map(({ name }) => `${name} load-balancer-routes`)]
      : []),
    ...(wanted.metricsServer ? ["cluster metrics-answer"] : []),
    ...(wanted.nodes.some(({ volumes }) => volumes) ? ["cluster volumes"] : []),
    ...wanted.nodes.flatMap(({ name, volumes }) => (volumes ? [`${name} volume-directories`] : [])),
    ...wanted.nodes.flatMap((node) => idsOfNode(node).map((id) => `${node.name} ${id}`)),
    ...connections,
  ].sort();
}

/** Of a system container: what is its host's. */
const ofHosts = /^(kernel-modules|cpu-steal|sysctl-(?!net\.)|sysctl-net\.netfilter\.nf_conntrack_(max|buckets)$)/;

/** Checks in the form of `everyCheck`, sorted. */
export const named = (checks: readonly Check[]): string[] => checks.map(({ node, id }) => `${node} ${id}`).sort();

function idsOf(failures: readonly Failure[]): string[] {
  return [...new Set(failures.map(([, , id]) => id))];
}
