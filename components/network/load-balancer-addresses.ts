import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { AddressGiver } from "../../node-config/load-balancers";
import { distinct } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";
import { established, type KubernetesObject, KubernetesResource, slugOf } from "../kubernetes/object";
import { refuseUnless } from "../refusal/refusal";
import { access, deployment, kinds, pool } from "./metallb-objects";

export interface LoadBalancerAddressesArgs {
  /** Networks out of which Services of type LoadBalancer get addresses; the same that `CalicoBgp` announces. */
  readonly cidrs: readonly string[];
  /** Who gives them: Calico from 3.30 on, before it MetalLB's controller. */
  readonly by: AddressGiver;
}

/**
 * Addresses for Services of type LoadBalancer that name no `loadBalancerClass`. `CalicoBgp` announces them to the routers,
 * with `bgp.loadBalancerCidrs`. Give the cluster as `provider`, and `CalicoBgp` in `dependsOn`.
 *
 * A Service keeps its address for as long as it lives, whatever restarts. MetalLB's controller takes away addresses that
 * are in no pool: give it no cluster with Services that have theirs from somebody else and name no class.
 */
export class LoadBalancerAddresses extends pulumi.ComponentResource {
  /** Changes whenever anything here does; known when addresses are given. */
  readonly done: pulumi.Output<string>;

  constructor(name: string, args: LoadBalancerAddressesArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseUnless(shape, name, args);
    super("kjerne:network:LoadBalancerAddresses", name, args, opts);
    const made =
      args.by === "calico" ? this.#register(name, args.cidrs.map(calicoPool), opts) : this.#metallb(name, args, opts);

    this.done = pulumi.all(made.map(({ id }) => id)).apply((ids) => [args.by, ...args.cidrs, ...ids].join("\n"));
    this.registerOutputs({ done: this.done });
  }

  /** The pool comes before the controller: without one it takes the addresses of all Services away. */
  #metallb(name: string, { cidrs }: LoadBalancerAddressesArgs, opts?: pulumi.ComponentResourceOptions) {
    const definitions = this.#register(name, kinds.map(established), opts);
    const needed = this.#register(name, [pool(cidrs), ...access], { dependsOn: definitions });
    return [...needed, ...this.#register(name, [deployment], { dependsOn: needed })];
  }

  #register(name: string, objects: readonly KubernetesObject[], opts?: pulumi.ComponentResourceOptions) {
    const dependsOn = opts?.dependsOn;
    return objects.map(
      (object) => new KubernetesResource(`${name}-${slugOf(object)}`, object, { parent: this, dependsOn }),
    );
  }
}

const shape = z.object({ cidrs: distinct(values.loadBalancerNetwork).min(1), by: z.enum(["calico", "metallb"]) });

/** Calico's controller gives addresses out of pools that are for nothing else. Each has its own: a pool's network stays. */
export function calicoPool(cidr: string): KubernetesObject {
  const prefix = Number(cidr.split("/")[1]);
  return {
    apiVersion: "crd.projectcalico.org/v1",
    kind: "IPPool",
    metadata: { name: `kjerne-load-balancers-${cidr.replace(/[./]/g, "-")}` },
    spec: {
      cidr,
      // Calico's own for pods, or the whole network where that is smaller.
      blockSize: Math.max(26, prefix),
      allowedUses: ["LoadBalancer"],
      assignmentMode: "Automatic",
      nodeSelector: "all()",
      ipipMode: "Never",
      vxlanMode: "Never",
    },
  };
}
