import { probeAllow, probeNamespace, type Wanted } from "./wanted";

/** A namespace without policies: a pod here that reaches a target shows that only a policy stops the other pods. */
export const openNamespace = `${probeNamespace}-open`;

/** One connection that a pod tries. */
export interface Probe {
  /** Name of the container that tries it. */
  readonly id: string;
  /** The connection in words, for the report. */
  readonly title: string;
  /** `host:port`, TCP. */
  readonly target: string;
}

/** A pod that listens on `ports` and tries connections: first those that must pass, then those that must be refused. */
export interface ProbePod {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  readonly app: string;
  /** A Service with the name of the app has them as endpoints. */
  readonly ports: readonly number[];
  readonly passes: readonly Probe[];
  readonly refused: readonly Probe[];
}

/** A port on which the backend listens and which no policy allows. */
const otherPort = probeAllow.port + 1;

/**
 * Which pod connects to which. The backend runs on the last node, so that the frontends of all other nodes cross the
 * network. A refused target is known to listen: every pod is Ready on every port before the first connection, and a pod
 * without policies reaches the server outside.
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
