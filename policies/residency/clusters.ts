import { parseDocument } from "yaml";
import { connectsToMachine } from "../nodes";
import { at, itemsAt } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import { transfers } from "./basis";
import { declaredAddresses, isPartOfMachine } from "./machines";
import type { Residency } from "./parameters";
import { whyUnreadable } from "./places";
import { hostOf, isHost } from "./record";

const controlPlane = "kjerne:cluster:ControlPlane";
const isProvider = ({ type }: Resource) => type === "pulumi:providers:kubernetes";

const wayOut =
  "Give the provider the kubeconfig of a cluster on declared machines; declare a machine as a node with its site, or its address in the pack's parameter machines.";

/** Whoever runs the API server has every object that the program sends there. */
export const declaredClusters: Rule<Residency> = {
  id: "RES-40",
  name: "declared-clusters",
  title: "Objects of Kubernetes go to clusters on declared machines only.",
  basis: [transfers],
  reviewBy: "2027-05-20",
  severity: "critical",
  reads: [
    "pulumi:providers:kubernetes: kubeconfig, context, cluster, renderYamlToDirectory",
    `${controlPlane}: endpoint.address, endpoint.host`,
  ],
  scope: "together",
  readsOrigins: true,
  // Any resource, since a kubeconfig may be made from it.
  appliesTo: ({ type }) => !type.startsWith("kubernetes:"),
  check: (resources, parameters) => {
    const declared = declaredServers(resources, parameters);
    return resources.filter(isProvider).flatMap((provider) => judgeProvider(provider, declared, resources));
  },
};

/** Declared machines, and the address that a declared control plane answers at, which moves between its machines. */
function declaredServers(resources: readonly Resource[], parameters: Residency): string[] {
  const endpoints = resources
    .filter(({ type }) => type === controlPlane)
    .flatMap(({ properties }) => [at(properties, "endpoint.address"), at(properties, "endpoint.host")]);
  return [...declaredAddresses(resources, parameters), ...endpoints.filter(isHost)];
}

function judgeProvider(provider: Resource, declared: readonly string[], resources: readonly Resource[]): Finding[] {
  const { urn, properties } = provider;
  const field = "kubeconfig";
  const rendersOnly = at(properties, "renderYamlToDirectory");
  if (typeof rendersOnly === "string" && rendersOnly !== "")
    return [{ urn, field, state: "shown", read: "files only" }];
  const value = at(properties, field);
  if (value === unknown && comesFromMachine(provider, resources)) return [];
  const config = readConfig(value);
  if (config === undefined) {
    const reason =
      value === undefined
        ? "Without one it takes the cluster of whoever runs Pulumi."
        : whyUnreadable(value, "the text of a kubeconfig");
    return [{ urn, field, state: "unverifiable", reason, wayOut }];
  }
  return serversIn(config, properties).flatMap(({ name, cluster, user }) => [
    judgeServer(urn, `${field} (cluster ${name}, server)`, hostOf(at(cluster, "server")), declared),
    ...(at(cluster, "proxy-url") === undefined
      ? []
      : [judgeServer(urn, `${field} (cluster ${name}, proxy-url)`, hostOf(at(cluster, "proxy-url")), declared)]),
    ...(at(user, "exec") === undefined
      ? []
      : [
          {
            urn,
            field: `${field} (cluster ${name}, exec)`,
            state: "unverifiable",
            reason: "It starts a program for its credentials, and nobody sees whom that asks.",
            wayOut: "Use a client certificate or a token.",
          } satisfies Finding,
        ]),
  ]);
}

/**
 * A kubeconfig that is made during the update is not known in a preview; what it is made from is. It has to come from a
 * command on a declared machine, as the one that kubeadm writes does. The end of the update judges the real one.
 */
function comesFromMachine({ madeFrom }: Resource, resources: readonly Resource[]): boolean {
  const sources = resources.filter(({ urn }) => madeFrom?.kubeconfig?.includes(urn));
  return sources.some((source) => connectsToMachine(source) && isPartOfMachine(source, resources));
}

function readConfig(value: Value | undefined): Value | undefined {
  if (typeof value !== "string") return undefined;
  const document = parseDocument(value);
  const config = document.errors.length > 0 ? undefined : (document.toJS() as Value);
  return itemsAt(config, "clusters").length > 0 ? config : undefined;
}

interface Server {
  readonly name: string;
  readonly cluster: Value | undefined;
  readonly user: Value | undefined;
}

/** The cluster of the context that the provider uses. Without a context, every cluster in the file. */
function serversIn(config: Value, properties: Resource["properties"]): Server[] {
  const named = (list: string, name: Value | undefined) =>
    itemsAt(config, list).find(({ item }) => at(item, "name") === name)?.item;
  const context = named("contexts", at(properties, "context") ?? at(config, "current-context"));
  const chosen = at(properties, "cluster") ?? at(context, "context.cluster");
  const user = at(named("users", at(context, "context.user")), "user");
  const clusters = itemsAt(config, "clusters").map(({ item }) => item);
  const used = clusters.filter((cluster) => at(cluster, "name") === chosen);
  return (used.length > 0 ? used : clusters).map((item) => ({
    name: typeof at(item, "name") === "string" ? String(at(item, "name")) : "without a name",
    cluster: at(item, "cluster"),
    user,
  }));
}

function judgeServer(urn: string, field: string, host: string | undefined, declared: readonly string[]): Finding {
  const allowed = declared.join(", ") || "none, for no machine is declared";
  if (!isHost(host))
    return { urn, field, state: "unverifiable", allowed, reason: "It names no host that can be read.", wayOut };
  if (declared.includes(host)) return { urn, field, state: "shown", read: host };
  return { urn, field, state: "violated", read: host, allowed, reason: "Nobody says where that cluster is.", wayOut };
}
