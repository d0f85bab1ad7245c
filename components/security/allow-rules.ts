import { z } from "zod";
import { numberOf } from "../../node-config/values/addresses";
import { allowedNetwork, portRange } from "../../node-config/values/denied-namespaces";
import { text } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";
import { type Allow, isPods, sentenceOf } from "./allow";

/** The keys that say which ports of which protocol. */
export const portKeys = {
  port: values.port.optional().describe("Of the pod, not of the Service."),
  ports: z
    .array(z.union([values.port, text(portRange)]))
    .min(1)
    .optional()
    .describe("Several ports and ranges, such as [443, 9000-9100]."),
  protocol: z.enum(["TCP", "UDP", "SCTP"]).default("TCP"),
};

const peerKeys = {
  namespace: values.namespace.optional(),
  namespaces: z.literal("all").optional(),
  labels: z.record(values.labelKey, values.labelValue).optional(),
  cidr: text(allowedNetwork).optional(),
};

/** Whom the other end of a connection may be; each is one of pods, of addresses, and of the API server. */
export const server = z.strictObject(peerKeys).check(isOneKind);
export const client = z.strictObject({ ...peerKeys, apiServer: z.literal(true).optional() }).check(isOneKind);

type Given = { readonly [Key in "namespace" | "namespaces" | "labels" | "cidr" | "apiServer"]?: unknown };

function isOneKind({ value, issues }: z.core.ParsePayload<Given>): void {
  const kinds = (["namespace", "namespaces", "cidr", "apiServer"] as const).filter((key) => value[key] !== undefined);
  const outside = value.cidr !== undefined || value.apiServer !== undefined;
  const message =
    kinds.length > 1
      ? `names ${kinds.join(" and ")}, of which one alone can be meant`
      : outside && value.labels !== undefined
        ? "has labels, which only pods have; remove them, or name a namespace instead"
        : kinds.length === 0 && value.labels === undefined
          ? "is empty; name a namespace, labels, namespaces: all or a cidr"
          : undefined;
  if (message) issues.push({ code: "custom", message, input: value });
}

/** What is wrong with one allowed connection, in a sentence for each; `namespaces` are those that get policies for it. */
export function allowProblems(allow: Allow, namespaces: readonly string[]): string[] {
  const { from, to, port, ports } = allow;
  const what = sentenceOf(allow);
  const owned = [from, to].some((peer) => (isPods(peer) ? namespaces.includes(peer.namespace) : "namespaces" in peer));
  return [
    ...(port === undefined && ports === undefined
      ? [`${what}: has no port; give port: 8080, or ports: [443, 9000-9100]`]
      : []),
    ...(owned
      ? []
      : [`${what}: neither end is in ${namespaces.join(", ")}; write it at a namespace that one of them is in`]),
    ...opensTooMuch(allow).map((problem) => `${what}: ${problem}`),
  ];
}

/** So many ports at once are no service's. */
const manyPorts = 2048;

function opensTooMuch({ from, to, port, ports = [] }: Allow): string[] {
  const all = [...(port === undefined ? [] : [port]), ...ports];
  const opened = all.reduce<number>((sum, one) => sum + countOf(one), 0);
  if (opened <= manyPorts) return [];
  const wide = [from, to].find(
    (peer) => ("cidr" in peer && prefixOf(peer.cidr) < 16) || ("namespaces" in peer && !hasLabels(peer.labels)),
  );
  if (!wide) return [];
  const whom =
    "cidr" in wide ? `the ${2 ** (32 - prefixOf(wide.cidr))} addresses of ${wide.cidr}` : "every pod of the cluster";
  return [
    `opens ${opened} ports to ${whom}, which is hardly less than no policy; name at most ${manyPorts} ports, or a network of /16 or smaller, or labels`,
  ];
}

const hasLabels = (given: object | undefined) => Object.keys(given ?? {}).length > 0;

function countOf(port: number | string): number {
  const [first = 0, last = first] = String(port).split("-").map(Number);
  return last - first + 1;
}

function prefixOf(cidr: string): number {
  const [address = "", prefix] = cidr.split("/");
  return Number.isNaN(numberOf(address)) ? Number.NaN : Number(prefix);
}
