import type { Ask } from "../verify/answers";
import { both, type Reading } from "../verify/answers";
import type { Link, ObservedNode } from "../verify/observed-node";
import type { Wanted, WantedNode } from "../verify/wanted";
import type { MeasuredNode, Processor } from "./measured";
import type { Reasons } from "./reasons";
import { watchedConntrack, watchedProxy } from "./watched";

/** What one node is and does, from what the verification reads of it and from what was watched during the run. */
export function measuredNode(
  { sysctls }: Pick<Wanted, "sysctls">,
  { name, role, address, container = false }: WantedNode,
  observed: ObservedNode,
  watched: Ask,
  processor: Reading<Processor>,
  reasons: Reasons,
): MeasuredNode {
  return {
    ...{ name, role, address, container },
    nic: nic(observed.links, address),
    podMtu: observed.podMtu,
    links: both(observed.links, ok, (links) =>
      links
        .filter((link) => !link.name.startsWith("cali") && link.kind !== "loopback")
        .map(({ name, mtu, kind }) => ({ name, mtu, kind })),
    ),
    bgp: both(observed.bgp, ok, (sessions) => [...sessions]),
    routes: both(observed.routes, observed.links, (routes, links) =>
      routes.map(({ to, gateway = "", device = "" }) => ({
        ...{ to, via: gateway, device },
        kind: links.find((link) => link.name === device)?.kind ?? "",
      })),
    ),
    proxy: watchedProxy(observed.proxyMode, watched),
    sysctls: both(observed.sysctls, ok, (values) =>
      sysctls.map(({ key, value, atLeast = false }) => ({
        ...{ key, wanted: value, atLeast },
        effective: values.get(key)?.trim().replaceAll(/\s+/g, " ") ?? null,
        why: reasons.get(key) ?? "",
      })),
    ),
    conntrack: watchedConntrack(watched),
    processor,
  };
}

const ok = { value: undefined };

function nic(links: Reading<readonly Link[]>, address: string): MeasuredNode["nic"] {
  if ("unreadable" in links) return links;
  const found = links.value.find(({ addresses }) => addresses.includes(address));
  return found ? { value: { name: found.name, mtu: found.mtu } } : { unreadable: `no interface has ${address}` };
}
