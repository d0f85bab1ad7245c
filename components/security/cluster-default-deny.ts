import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { exemptNamespaces } from "../../node-config/values/denied-namespaces";
import { values } from "../../node-config/values/shapes";
import { type KubernetesObject, KubernetesResource, slugOf } from "../kubernetes/object";
import { refuseUnless } from "../refusal/refusal";

export interface ClusterDefaultDenyArgs {
  /** Where the API servers listen: their own addresses, not the service's. */
  readonly api: { readonly addresses: readonly string[]; readonly port: number };
}

/**
 * Default deny in both directions for every namespace of the cluster but kube-system, those that somebody makes later
 * among them: DNS and the API server are allowed, and what a NetworkPolicy of the namespace allows. A NetworkPolicy that
 * does not allow these two no longer forbids them. No policy reaches pods in the host's network or second interfaces.
 *
 * An object of Calico's: give the cluster as `provider`, `dependsOn` a `CalicoBgp` or its `definitions`.
 */
export class ClusterDefaultDeny extends pulumi.ComponentResource {
  constructor(name: string, args: ClusterDefaultDenyArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseUnless(shape, name, args);
    super("kjerne:security:ClusterDefaultDeny", name, { ...args, exemptNamespaces }, opts);
    const policy = clusterDefaultDenyPolicy(args);
    new KubernetesResource(`${name}-${slugOf(policy)}`, policy, { parent: this, dependsOn: opts?.dependsOn });
    this.registerOutputs({});
  }
}

/** The policy alone, to apply it by other means. */
export function clusterDefaultDenyPolicy({
  api,
}: ClusterDefaultDenyArgs): KubernetesObject & { readonly spec: object } {
  const exempt = exemptNamespaces.map((namespace) => `"${namespace}"`).join(", ");
  const dns = {
    selector: `projectcalico.org/namespace == "kube-system" && k8s-app == "kube-dns"`,
    ports: [53],
  };
  const servers = { nets: api.addresses.map((address) => `${address}/32`), ports: [api.port] };
  return {
    apiVersion: "crd.projectcalico.org/v1",
    kind: "GlobalNetworkPolicy",
    // Calico stores a policy of its default tier under a name with the tier in front.
    metadata: { name: "default.kjerne-default-deny" },
    spec: {
      // After NetworkPolicies, which Calico gives the order 1000: what one of them allows passes.
      order: 2000,
      // Calico writes this label itself, over one that a pod brings. Host endpoints don't have it: no node is meant.
      selector: `has(projectcalico.org/namespace) && projectcalico.org/namespace not in {${exempt}}`,
      types: ["Ingress", "Egress"],
      egress: [
        { action: "Allow", protocol: "UDP", destination: dns },
        { action: "Allow", protocol: "TCP", destination: dns },
        { action: "Allow", protocol: "TCP", destination: servers },
      ],
    },
  };
}

const shape = z.object({ api: z.object({ addresses: z.array(values.address).min(1), port: values.port }) });
