import { networkOf } from "../../node-config/values/addresses";
import { both } from "./answers";
import { faultless, judge } from "./judge";
import type { ObservedCluster } from "./observed-cluster";
import type { ObservedNode } from "./observed-node";
import type { Check } from "./report";
import type { WantedNode } from "./wanted";

/** With this label, as `true`, Calico announces no address of a Service from the node: somebody drains it. */
export const excludedLabel = "node.kubernetes.io/exclude-from-external-load-balancers";

/** A Service that asks for a certain address may wait for it; any other one has an address while there are some left. */
export function addressesGiven(cidrs: readonly string[], loadBalancers: ObservedCluster["loadBalancers"]): Check {
  const question = {
    id: "load-balancer-addresses",
    title: "Services of type LoadBalancer have addresses",
    node: "cluster",
    wanted: `each one, out of ${cidrs.join(", ")}, while there are any left`,
    next: "kubectl get services --all-namespaces --field-selector spec.type=LoadBalancer; kubectl describe service",
  };
  return judge(question, loadBalancers, (found) => {
    const having = found.filter(({ addresses }) => addresses.length > 0);
    const waiting = found.filter(({ addresses }) => addresses.length === 0);
    const most = cidrs.reduce((sum, cidr) => sum + networkOf(cidr).size, 0);
    if (having.length >= most) return { found: `all ${most} are given`, passed: true };
    return faultless(
      waiting.map(({ name }) => `${name} has none`),
      `${having.length} Services`,
    );
  });
}

/** A router that one node does not tell sends nothing there, and one that none tells finds no Service at all. */
export function addressesAnnounced(
  node: WantedNode,
  cidrs: readonly string[],
  routers: readonly string[],
  observed: ObservedNode,
  nodes: ObservedCluster["nodes"],
): Check {
  const question = {
    id: "load-balancer-routes",
    title: "routers are told where addresses of Services are",
    node: node.name,
    wanted: `${cidrs.join(", ")} to ${routers.join(", ") || "no router"}`,
    next: "echo 'show route export Global_ADDRESS' | sudo socat -t 5 - UNIX-CONNECT:/var/run/calico/bird.ctl",
  };
  return judge(
    question,
    both(observed.announced, nodes, (announced, nodes) => ({ announced, nodes })),
    ({ announced, nodes }) => {
      const labels = nodes.find(({ name }) => name === node.name)?.labels;
      if (labels?.[excludedLabel] === "true")
        return { found: `nothing, since the node has the label ${excludedLabel}=true`, passed: true };
      const faults = routers.flatMap((router) =>
        cidrs.filter((cidr) => !announced[router]?.includes(cidr)).map((cidr) => `${cidr} not to ${router}`),
      );
      return faultless(faults, `${cidrs.length} to each of ${routers.length}`);
    },
  );
}
