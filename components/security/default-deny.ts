import * as pulumi from "@pulumi/pulumi";
import { type KubernetesObject, KubernetesResource, slugOf } from "../kubernetes/object";
import {
  type Allow,
  allowApi,
  allowDns,
  allowEgress,
  allowIngress,
  denyAll,
  denyIngress,
  type NetworkPolicy,
} from "./network-policies";

export interface DefaultDenyArgs {
  /** Namespaces that exist. */
  readonly namespaces: readonly string[];
  /**
   * What is denied there: `all` is both directions, with DNS and the API allowed; `ingress` leaves the way out open.
   * @default "all"
   */
  readonly deny?: "all" | "ingress";
  /** Traffic that passes nevertheless. @default - none */
  readonly allow?: readonly Allow[];
  /** Where the API servers listen: their own addresses, not the service's. */
  readonly api: { readonly addresses: readonly string[]; readonly port: number };
}

/**
 * Default deny for namespaces, with exceptions for DNS, the API server and `allow`. Policies that allow are created
 * before those that deny, and deleted after them. No NetworkPolicy reaches pods in the host's network or second
 * interfaces of pods.
 *
 * Throws for namespaces that the cluster itself lives in.
 */
export class DefaultDeny extends pulumi.ComponentResource {
  constructor(name: string, args: DefaultDenyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("kjerne:security:DefaultDeny", name, { ...args }, opts);

    const refused = args.namespaces.filter((namespace) => systemNamespaces.includes(namespace));
    if (refused.length > 0) {
      throw new Error(
        `${name}: default deny in ${refused.join(", ")} would cut off the cluster itself; take out ${systemNamespaces.join(", ")}`,
      );
    }

    const register = (dependsOn: pulumi.ComponentResourceOptions["dependsOn"]) => (object: KubernetesObject) =>
      new KubernetesResource(`${name}-${object.metadata.namespace}-${slugOf(object)}`, object, {
        parent: this,
        dependsOn,
      });
    const { allows, denies } = defaultDenyPolicies(args);
    const allowed = allows.map(register(opts?.dependsOn));
    denies.map(register(allowed.length > 0 ? allowed : opts?.dependsOn));
    this.registerOutputs({});
  }
}

/** Namespaces that Kubernetes and Calico themselves run in: default deny there would cut off the cluster. */
export const systemNamespaces: readonly string[] = [
  "kube-system",
  "kube-public",
  "kube-node-lease",
  "calico-system",
  "calico-apiserver",
  "tigera-operator",
];

/** The policies alone, to apply them by other means. */
export function defaultDenyPolicies(args: DefaultDenyArgs): { allows: NetworkPolicy[]; denies: NetworkPolicy[] } {
  const { namespaces, deny = "all", allow = [], api } = args;
  const denied = (namespace: string) => namespaces.includes(namespace);
  const arriving = allow.filter(({ to }) => denied(to.namespace)).map(allowIngress);
  if (deny === "ingress") return { allows: arriving, denies: namespaces.map(denyIngress) };

  const leaving = allow.filter(({ from }) => denied(from.namespace)).map(allowEgress);
  const needed = namespaces.flatMap((namespace) => [allowDns(namespace), allowApi(namespace, api.addresses, api.port)]);
  return { allows: [...needed, ...arriving, ...leaving], denies: namespaces.map(denyAll) };
}
