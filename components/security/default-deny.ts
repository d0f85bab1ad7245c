import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { twiceAllowed, twiceDenied, undeniable } from "../../node-config/values/denied-namespaces";
import { namespaceName } from "../../node-config/values/names";
import { problemsOf, refuse, text } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";
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
 * Throws for namespaces that the cluster itself or its verification lives in, and for policies that would be one.
 */
export class DefaultDeny extends pulumi.ComponentResource {
  constructor(name: string, args: DefaultDenyArgs, opts?: pulumi.ComponentResourceOptions) {
    refuse(name, problemsOfDenial(args));
    super("kjerne:security:DefaultDeny", name, { ...args }, opts);

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

const pods = z.object({
  namespace: values.namespace,
  labels: z.record(values.labelKey, values.labelValue).optional(),
});
const shape = z.object({
  namespaces: z.array(text(namespaceName, undeniable)),
  allow: z
    .array(z.object({ from: pods, to: pods, port: values.port, protocol: z.enum(["TCP", "UDP", "SCTP"]).optional() }))
    .optional(),
  api: z.object({ addresses: z.array(values.address), port: values.port }),
});

export function problemsOfDenial(args: DefaultDenyArgs): string[] {
  const { error } = shape.safeParse(args);
  if (error) return problemsOf(error, args);
  return [...twiceDenied(args.namespaces), ...samePolicies(args)];
}

/** Entries of `allow` that become the same policy of a namespace: the later one would replace the other. */
export function samePolicies({ allow = [] }: Pick<DefaultDenyArgs, "allow">): string[] {
  const shown = ({ namespace, labels }: Allow["from"]) => [namespace, ...Object.values(labels ?? {})].join("/");
  const named = (policy: (allow: Allow) => NetworkPolicy) =>
    allow.map((one) => ({
      name: `${policy(one).metadata.namespace}/${policy(one).metadata.name}`,
      what: `${shown(one.from)} to ${shown(one.to)}, ${one.protocol ?? "TCP"} ${one.port}`,
    }));
  const arriving = twiceAllowed("allow", named(allowIngress));
  // Both halves of an allowed connection have one name each: what was said of the first is not said again.
  const said = (problem: string) => arriving.some((other) => other.split(" would ")[0] === problem.split(" would ")[0]);
  return [...arriving, ...twiceAllowed("allow", named(allowEgress)).filter((problem) => !said(problem))];
}
