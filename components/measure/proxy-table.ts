import type { ProxyTable } from "./measured";

type Services = ProxyTable["services"];
type Service = Services[number];

/** Connections by service and endpoint, as in `TCP 10.96.0.10:53 10.244.1.2:53`. */
export type Connections = ReadonlyMap<string, number>;

/** `ipvsadm -Ln`: `TCP  10.96.0.1:443 rr`, then `  -> 10.77.0.11:6443  Masq  1  5  0` for each endpoint. */
export function ipvsServices(text: string): Services {
  const services: Service[] = [];
  for (const line of text.split("\n")) {
    const [, protocol, address, scheduler] = /^(TCP|UDP|SCTP) +(\S+) (\w+)/.exec(line) ?? [];
    if (protocol) services.push({ service: `${protocol} ${address}`, scheduler, endpoints: [] });
    const [, endpoint, active] = /^ +-> (\d\S+) +\w+ +\d+ +(\d+)/.exec(line) ?? [];
    if (endpoint) services.at(-1)?.endpoints.push({ address: endpoint, connections: Number(active) });
  }
  return services;
}

/** `ipvsadm -Ln --timeout`: `Timeout (tcp tcpfin udp): 900 120 300`. */
export function ipvsTimeouts(text: string): NonNullable<ProxyTable["timeouts"]> {
  const [, tcp, tcpFin, udp] = /: (\d+) (\d+) (\d+)/.exec(text) ?? [];
  if (!tcp) throw new Error(text.trim());
  return { tcp: Number(tcp), tcpFin: Number(tcpFin), udp: Number(udp) };
}

/**
 * kube-proxy's table of nftables as `nft -j` prints it. Its map `service-ips` leads an address to a chain `service-HASH-NAME`,
 * and the chains of endpoints end in `__ADDRESS/PORT`.
 * https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/proxy/nftables/README.md
 */
export function nftServices(text: string, connections: Connections): Services {
  // biome-ignore lint/suspicious/noExplicitAny: libnftables-json(5) is a format of many shapes
  const objects: any[] = JSON.parse(text).nftables;
  const chains: string[] = objects.flatMap(({ chain }) => (chain ? [chain.name as string] : []));
  const endpoints = chains.flatMap((chain) => {
    const [, name = "", address, port] = /^endpoint-\w+-(.+)__([\d.]+)\/(\d+)$/.exec(chain) ?? [];
    return address ? [{ name, address: `${address}:${port}` }] : [];
  });
  // biome-ignore lint/suspicious/noExplicitAny: as above
  const elements: any[] = objects.flatMap(({ map }) => (map?.name === "service-ips" ? (map.elem ?? []) : []));
  return elements.flatMap(([key, verdict]) => {
    const [, name = ""] = /^service-\w+-(.+)$/.exec(verdict?.goto?.target ?? "") ?? [];
    const [address, protocol, port] = key.concat;
    const service = `${String(protocol).toUpperCase()} ${address}:${port}`;
    const own = endpoints.filter((endpoint) => name !== "" && endpoint.name === name);
    return [{ service, name: name.split("/").slice(0, 2).join("/"), endpoints: counted(service, own, connections) }];
  });
}

/** `iptables-save -t nat`: KUBE-SERVICES leads to KUBE-SVC-…, that to KUBE-SEP-…, which replaces the destination. */
export function iptablesServices(text: string, connections: Connections): Services {
  const rules = text.split("\n").filter((line) => line.startsWith("-A "));
  const targets = (chain: string) =>
    rules.flatMap((rule) => (rule.startsWith(`-A ${chain} `) ? (/ -j (KUBE-SEP-\w+)/.exec(rule)?.[1] ?? []) : []));
  const replaced = new Map(
    rules.flatMap((rule) => {
      const [, chain, address] = /^-A (KUBE-SEP-\w+) .* --to-destination (\S+)/.exec(rule) ?? [];
      return chain && address ? [[chain, address] as const] : [];
    }),
  );
  return rules.flatMap((rule) => {
    const [, address, protocol = "", , name, port, chain] =
      /^-A KUBE-SERVICES -d ([\d.]+)\/32 -p (\w+) -m comment --comment ("?)(\S+?)(?::\S+)? cluster IP"? .*--dport (\d+) -j (KUBE-SVC-\w+)/.exec(
        rule,
      ) ?? [];
    if (!address || !chain) return [];
    const service = `${protocol.toUpperCase()} ${address}:${port}`;
    const own = targets(chain).flatMap((target) => {
      const to = replaced.get(target);
      return to ? [{ address: to }] : [];
    });
    return [{ service, name, endpoints: counted(service, own, connections) }];
  });
}

/** Lines `tcp 10.96.0.1 443 10.77.0.11 6443 5`. */
export function connectionsIn(text: string): Connections {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return new Map(
    lines.map((line) => {
      const [protocol = "", address, port, endpoint, endpointPort, count] = line.split(" ");
      return [`${protocol.toUpperCase()} ${address}:${port} ${endpoint}:${endpointPort}`, Number(count)];
    }),
  );
}

function counted(service: string, endpoints: readonly { address: string }[], connections: Connections) {
  return endpoints.map(({ address }) => ({ address, connections: connections.get(`${service} ${address}`) ?? 0 }));
}
