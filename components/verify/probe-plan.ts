import { probeAllow, probeNamespace, type Wanted } from "./wanted";

/** A namespace without policies: what reaches a target from here shows that only a policy stops others. */
export const openNamespace = `${probeNamespace}-open`;

/** One connection that a pod tries. */
export interface Probe {
  /** Name of the container that tries it. */
  readonly id: string;
  /** The connection as a person says it. */
  readonly title: string;
  /** `host:port`, TCP. */
  readonly target: string;
}

/** A pod that answers on `ports` and tries connections: those that must pass, one after another, then those that must not. */
export interface ProbePod {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  readonly app: string;
  /** A Service of the app's name leads to them. */
  readonly ports: readonly number[];
  readonly passes: readonly Probe[];
  readonly refused: readonly Probe[];
}

/** A port on which the backend listens and which no policy allows. */
const otherPort = probeAllow.port + 1;

/**
 * Who tries to reach whom. The backend runs on the last node, so that every other node's frontend has to cross the
 * network. That a refused target answers at all is known: every pod is Ready on every port before the first connection,
 * and a pod without policies reaches the outside.
 */
export function probePlan({ nodes, probe }: Pick<Wanted, "nodes" | "probe">): readonly ProbePod[] {
  const names = nodes.map(({ name }) => name);
  const last = names.at(-1);
  if (last === undefined) throw new Error("verify: there is no node to probe from");

  const { from, to, port } = probeAllow;
  const at = (server: string, port: number) => `${server}.${probeNamespace}.svc:${port}`;
  const outside = { id: "outside", title: "the outside", target: `${probe.outside.address}:${probe.outside.port}` };
  const api = { id: "api", title: "the API, found by DNS", target: "kubernetes.default.svc:443" };
  const backend = { id: "backend", title: `${to} port ${port}`, target: at(to, port) };
  const backendOther = { id: "backend-other", title: `${to} port ${otherPort}`, target: at(to, otherPort) };
  const frontend = { id: "frontend", title: `${from} port ${port}`, target: at(from, port) };

  const frontendNodes = names.length > 1 ? names.slice(0, -1) : names;
  return [
    ...frontendNodes.map((node) => ({
      ...{ name: `${from}-${node}`, app: from, namespace: probeNamespace, node, ports: [port] },
      ...{ passes: [api, backend], refused: [backendOther, outside] },
    })),
    {
      ...{ name: to, app: to, namespace: probeNamespace, node: last, ports: [port, otherPort] },
      ...{ passes: [api], refused: [frontend] },
    },
    {
      ...{ name: "open", app: "other", namespace: openNamespace, node: last, ports: [] },
      ...{ passes: [api, outside], refused: [backend] },
    },
  ];
}
