import { type Ask, type Reading, read } from "./answers";

/** What the API server holds, cut down to what is judged. */
export interface ObservedCluster {
  readonly nodes: Reading<readonly { name: string; ready: boolean; version: string }[]>;
  readonly pods: Reading<readonly Pod[]>;
  /** The Services `kubernetes` and `kube-dns`, with their endpoints. */
  readonly services: Reading<readonly Service[]>;
  readonly policies: Reading<readonly { namespace: string; name: string; spec: object }[]>;
  readonly pools: Reading<readonly { name: string; cidr: string; ipipMode?: string; vxlanMode?: string }[]>;
  /** Which node holds which block of pod addresses. */
  readonly blocks: Reading<readonly { cidr: string; node: string; state: string; deleted?: string }[]>;
}

export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string | null;
  readonly phase: string;
  readonly ready: boolean;
}

export interface Service {
  /** As in `kube-system/kube-dns`. */
  readonly name: string;
  /** One for each port. */
  readonly ports: readonly {
    /** As in `TCP 10.96.0.1:443`. */
    readonly service: string;
    /** `address:port` of the ready endpoints. */
    readonly endpoints: readonly string[];
  }[];
}

/** Parses what `observe.sh` printed on the control plane that also reads from the API server. */
export function observedCluster(ask: Ask): ObservedCluster {
  return {
    nodes: read(ask("nodes"), JSON.parse),
    pods: read(ask("pods"), JSON.parse),
    services: read(ask("services"), (text) => services(JSON.parse(text))),
    policies: read(ask("policies"), JSON.parse),
    pools: read(ask("pools"), JSON.parse),
    blocks: read(ask("blocks"), JSON.parse),
  };
}

/** A Service or one of its EndpointSlices, with the fields that `observe.sh` keeps. */
interface ServiceItem {
  readonly kind: "Service" | "EndpointSlice";
  readonly namespace: string;
  readonly service: string;
  readonly address: string | null;
  readonly ports: readonly { name: string | null; protocol: string; port: number }[];
  readonly endpoints: readonly string[];
}

function services(items: readonly ServiceItem[]): Service[] {
  const slicesOf = ({ namespace, service }: ServiceItem) =>
    items.filter((item) => item.kind === "EndpointSlice" && item.namespace === namespace && item.service === service);
  return items
    .filter((item) => item.kind === "Service")
    .map((item) => ({
      name: `${item.namespace}/${item.service}`,
      ports: item.ports.map(({ name, protocol, port }) => ({
        service: `${protocol} ${item.address}:${port}`,
        endpoints: slicesOf(item).flatMap((slice) => {
          const behind = slice.ports.filter((other) => (other.name || "") === (name || ""));
          return behind.flatMap((other) => slice.endpoints.map((address) => `${address}:${other.port}`));
        }),
      })),
    }));
}
