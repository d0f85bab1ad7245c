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

/** A pod that tries connections: first those that must pass, one after another, then those that must not. */
export interface ProbePod {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  readonly app: string;
  readonly passes: readonly Probe[];
  readonly refused: readonly Probe[];
}

/** A pod that answers, behind a Service of its name. */
export interface ServerPod {
  readonly name: string;
  readonly node: string;
  readonly ports: readonly number[];
}

export interface ProbePlan {
  readonly servers: readonly ServerPod[];
  readonly pods: readonly ProbePod[];
}

/** A port on which the backend listens and which no policy allows. */
const otherPort = probeAllow.port + 1;

/**
 * Who tries to reach whom. The backend runs on the last node, so that every other node's frontend has to cross the
 * network. That a refused target answers at all is known: the servers are Ready on every port, and a pod without
 * policies reaches the outside.
 */
export function probePlan({ nodes, probe }: Pick<Wanted, "nodes" | "probe">): ProbePlan {
  const names = nodes.map(({ name }) => name);
  const [first, last] = [names.at(0), names.at(-1)];
  if (first === undefined || last === undefined) throw new Error("verify: there is no node to probe from");

  const { from, to, port } = probeAllow;
  const at = (server: string, port: number) => `${server}.${probeNamespace}.svc:${port}`;
  const outside = { id: "outside", title: "the outside", target: `${probe.outside.address}:${probe.outside.port}` };
  const api = { id: "api", title: "the API, found by DNS", target: "kubernetes.default.svc:443" };
  const backend = { id: "backend", title: `${to} port ${port}`, target: at(to, port) };
  const backendOther = { id: "backend-other", title: `${to} port ${otherPort}`, target: at(to, otherPort) };
  const frontend = { id: "frontend", title: `${from} port ${port}`, target: at(from, port) };

  const pod = (name: string, app: string, node: string, passes: Probe[], refused: Probe[]): ProbePod =>
    ({ name, namespace: probeNamespace, app, node, passes, refused }) as const;
  const frontendNodes = names.length > 1 ? names.slice(0, -1) : names;
  return {
    servers: [
      { name: to, node: last, ports: [port, otherPort] },
      { name: from, node: first, ports: [port] },
    ],
    pods: [
      ...frontendNodes.map((node) => pod(`${from}-${node}`, from, node, [api, backend], [backendOther, outside])),
      pod(`${to}-probe`, to, last, [api], [frontend]),
      pod("other-probe", "other", last, [api], [backend]),
      { ...pod("open-probe", "other", last, [api, outside], [backend]), namespace: openNamespace },
    ],
  };
}
