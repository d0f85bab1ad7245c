import { fabricClass, isShared } from "../../node-config/fabric";
import { fabricNamespace, openNamespace, probeAllow, probeNamespace, undeclaredNamespace, type Wanted } from "./wanted";

/** One connection that a pod tries. */
export interface Probe {
  /** Name of the connection, alone in its pod. */
  readonly id: string;
  /** The connection in words, for the report. */
  readonly title: string;
  /** `host:port`, TCP. */
  readonly target: string;
}

/** A pod that listens on `ports` and tries connections, in the order of these lists. */
export interface ProbePod {
  readonly name: string;
  readonly namespace: string;
  readonly node: string;
  readonly app: string;
  /** A Service with the name of the app has them as endpoints. */
  readonly ports: readonly number[];
  /** Those that must pass. */
  readonly passes: readonly Probe[];
  /** Those by which many bytes must get there and back: a connection opens with packets that are small. */
  readonly carries: readonly Probe[];
  /** Those that must be refused. */
  readonly refused: readonly Probe[];
  /** Pods, as `target`, that a packet of full size must reach over the fabric. */
  readonly whole: readonly Probe[];
  /** @default - one interface, as every pod that does not ask */
  readonly runtimeClassName?: string;
}

/** A port on which the backend listens and which no policy allows. */
const otherPort = probeAllow.port + 1;
/** The app of the open namespace that answers: the target that pods under default deny must not reach. */
const server = "server";
/** The app of the namespace that has no policies. */
const undeclared = "undeclared";

/**
 * Which pod connects to which. The backend runs on the last node, so that the frontends of all other nodes cross the
 * network. A refused target is known to listen: every pod is Ready on every port before the first connection, and a pod
 * of the open namespace reaches its server. That pod tries every service of machines: no policy keeps it away, so the
 * nodes do.
 */
export function probePlan({
  nodes,
  probe,
  clusterPolicy,
  fabric,
}: Pick<Wanted, "nodes" | "probe" | "clusterPolicy" | "fabric">): readonly ProbePod[] {
  const names = nodes.map(({ name }) => name);
  const [first, last] = [names[0], names.at(-1)];
  if (first === undefined || last === undefined) throw new Error("verify: there is no node to probe from");

  const { from, to, port } = probeAllow;
  const at = (app: string, port: number, namespace = probeNamespace) => `${app}.${namespace}.svc:${port}`;
  const api = { id: "api", title: "the API, found by DNS", target: "kubernetes.default.svc:443" };
  const backend = { id: "backend", title: `${to} port ${port}`, target: at(to, port) };
  const backendBytes = { ...backend, id: "backend-bytes", title: `${to}, ${transferBytes} bytes each way` };
  const backendOther = { id: "backend-other", title: `${to} port ${otherPort}`, target: at(to, otherPort) };
  const frontend = { id: "frontend", title: `${from} port ${port}`, target: at(from, port) };
  const open = { id: server, title: "a pod of another namespace", target: at(server, port, openNamespace) };
  const latecomer = {
    id: undeclared,
    title: "a pod of a namespace without policies",
    target: at(undeclared, port, undeclaredNamespace),
  };
  const doors = probe.doors.map(({ name, address, port }) => ({
    ...{ id: `${address}:${port}`, title: name, target: `${address}:${port}` },
  }));
  const machine = doors.slice(0, 1).map((door) => ({ ...door, id: "machine" }));

  // In a ring: a card that drops is on one side or the other of two checks. What a pod has for itself is not taken for it.
  const withCard = fabric && isShared(fabric.kind) ? nodes : [];
  const cards = withCard.filter(({ fabricInterface }) => fabricInterface !== undefined).map(({ name }) => name);
  const packetTo = (at: number) => {
    const other = cards[(at + 1) % cards.length];
    const title = `the pod on ${other}, by the fabric`;
    return cards.length < 2 ? [] : [{ id: "packet", title, target: `fabric-${other}` }];
  };

  const frontendNodes = names.length > 1 ? names.slice(0, -1) : names;
  const nothing = { ports: [], passes: [], carries: [], refused: [], whole: [] };
  return [
    ...frontendNodes.map((node) => ({
      ...{ ...nothing, name: `${from}-${node}`, app: from, namespace: probeNamespace, node, ports: [port] },
      ...{ passes: [api, backend], carries: [backendBytes], refused: [backendOther, open, ...machine] },
    })),
    {
      ...{ ...nothing, name: to, app: to, namespace: probeNamespace, node: last, ports: [port, otherPort] },
      ...{ passes: [api], refused: [frontend] },
    },
    { ...nothing, name: server, app: server, namespace: openNamespace, node: first, ports: [port] },
    {
      ...{ ...nothing, name: "open", app: "other", namespace: openNamespace, node: last },
      ...{ passes: [api, open], refused: [backend, ...(clusterPolicy ? [latecomer] : []), ...doors] },
    },
    ...(clusterPolicy
      ? [
          {
            ...{ ...nothing, name: undeclared, app: undeclared, namespace: undeclaredNamespace, node: last },
            ...{ ports: [port], passes: [api], refused: [open, ...machine] },
          },
        ]
      : []),
    ...cards.map((node, at) => ({
      ...{ ...nothing, name: `fabric-${node}`, app: "fabric", namespace: fabricNamespace, node },
      ...{ runtimeClassName: fabricClass, passes: [api], refused: [open, ...machine], whole: packetTo(at) },
    })),
  ];
}

/** More than a window of packets of any MTU, and less than Linux takes in one argument or variable (128 KiB). */
export const transferBytes = 60_000;
