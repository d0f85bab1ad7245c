export type Labels = Readonly<Record<string, string>>;

/** Pods of one namespace: those with these labels, or all of them. */
export interface Pods {
  readonly namespace: string;
  /** @default - every pod of the namespace */
  readonly labels?: Labels;
}

/** Pods of every namespace of the cluster: those with these labels, or all of them. */
export interface PodsOfAllNamespaces {
  readonly namespaces: "all";
  /** @default - every pod */
  readonly labels?: Labels;
}

/** Addresses outside the pod network: `10.20.0.0/24`, and `0.0.0.0/0` for everybody. */
export interface Addresses {
  readonly cidr: string;
}

/** The API servers, as callers of webhooks: they have the control planes' addresses. */
export interface ApiServer {
  readonly apiServer: true;
}

export type Client = Pods | PodsOfAllNamespaces | Addresses | ApiServer;
export type Server = Pods | PodsOfAllNamespaces | Addresses;

/**
 * Traffic that may pass: who opens the connection, who accepts it, where. Ports are those of pods, not of Services; one of
 * the two must be given.
 */
export interface Allow {
  readonly from: Client;
  readonly to: Server;
  readonly port?: number;
  /** Ports and ranges of them, such as `[443, "9000-9100"]`. */
  readonly ports?: readonly (number | string)[];
  /** @default "TCP" */
  readonly protocol?: "TCP" | "UDP" | "SCTP";
}

export function isPods(peer: Client | Server): peer is Pods {
  return "namespace" in peer;
}

/**
 * For the name of a policy: "frontend" from {app: frontend}; the namespace for all of its pods, and before the labels
 * where it is not the policy's own.
 */
export function nameOf(peer: Client | Server, { namespace: own }: Pods): string {
  return words(peer, own)
    .join("-")
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-");
}

function words(peer: Client | Server, own: string): string[] {
  if ("cidr" in peer) return [peer.cidr === "0.0.0.0/0" ? "anywhere" : peer.cidr];
  if ("apiServer" in peer) return ["api-server"];
  const labels = Object.values(peer.labels ?? {});
  if (!isPods(peer)) return ["all-namespaces", ...labels];
  return labels.length > 0 && peer.namespace === own ? labels : [peer.namespace, ...labels];
}

/** For people: "production/web to 10.20.0.0/24, TCP 5432". */
export function sentenceOf({ from, to, port, ports = [], protocol = "TCP" }: Allow): string {
  const numbers = port === undefined ? ports : [port, ...ports];
  return [`${shown(from)} to ${shown(to)}, ${protocol}`, numbers.join(", ")].join(" ").trim();
}

function shown(peer: Client | Server): string {
  if ("cidr" in peer) return peer.cidr;
  if ("apiServer" in peer) return "the API server";
  const name = isPods(peer) ? peer.namespace : "every namespace";
  return [name, ...Object.values(peer.labels ?? {})].join("/");
}
