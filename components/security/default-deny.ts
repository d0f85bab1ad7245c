import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { twiceAllowed, twiceDenied, undeniable } from "../../node-config/values/denied-namespaces";
import { namespaceName } from "../../node-config/values/names";
import { problemsOf, text } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";
import { type KubernetesObject, KubernetesResource, slugOf } from "../kubernetes/object";
import { refuse } from "../refusal/refusal";
import { type Allow, type Client, isPods, type Pods, type Server, sentenceOf } from "./allow";
import { allowProblems, client, portKeys, server } from "./allow-rules";
import {
  type Api,
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
  /** Traffic that passes nevertheless: of each the halves that lie in these namespaces. @default - none */
  readonly allow?: readonly Allow[];
  readonly api: Api;
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
  const { arriving, leaving } = halvesOf(args);
  const ingress = allow.flatMap(arriving);
  if (deny === "ingress") return { allows: ingress, denies: namespaces.map(denyIngress) };
  const needed = namespaces.flatMap((namespace) => [allowDns(namespace), allowApi(namespace, api)]);
  return { allows: [...needed, ...ingress, ...allow.flatMap(leaving)], denies: namespaces.map(denyAll) };
}

/** Both halves of an allowed connection, as far as they lie in these namespaces. */
function halvesOf({ namespaces, api }: Pick<DefaultDenyArgs, "namespaces" | "api">) {
  const here = (peer: Client | Server): Pods[] => {
    if (isPods(peer)) return namespaces.includes(peer.namespace) ? [peer] : [];
    return "namespaces" in peer ? namespaces.map((namespace) => ({ ...peer, namespace })) : [];
  };
  return {
    arriving: (allow: Allow) => here(allow.to).map((to) => allowIngress({ ...allow, to }, api)),
    leaving: (allow: Allow) => here(allow.from).map((from) => allowEgress({ ...allow, from }, api)),
  };
}

const shape = z.object({
  namespaces: z.array(text(namespaceName, undeniable)),
  allow: z.array(z.object({ from: client, to: server, ...portKeys })).optional(),
  api: z.object({ addresses: z.array(values.address), port: values.port }),
});

export function problemsOfDenial(args: DefaultDenyArgs): string[] {
  const { error } = shape.safeParse(args);
  if (error) return problemsOf(error, args);
  const { allow = [], namespaces } = args;
  const wrong = allow.flatMap((one) => allowProblems(one, namespaces));
  return [...twiceDenied(namespaces), ...wrong, ...samePolicies(args)];
}

/** Entries of `allow` that become the same policy of a namespace: the later one would replace the other. */
export function samePolicies(args: DefaultDenyArgs): string[] {
  const { arriving, leaving } = halvesOf(args);
  const { allow = [] } = args;
  const named = (half: (allow: Allow) => NetworkPolicy[]) =>
    allow.flatMap((one) =>
      half(one).map(({ metadata: { namespace, name } }) => ({ name: `${namespace}/${name}`, what: sentenceOf(one) })),
    );
  const first = twiceAllowed("allow", named(arriving));
  // Both halves of an allowed connection have one name each: what was said of the first is not said again.
  const said = (problem: string) => first.some((other) => other.split(" would ")[0] === problem.split(" would ")[0]);
  return [...first, ...twiceAllowed("allow", named(leaving)).filter((problem) => !said(problem))];
}
