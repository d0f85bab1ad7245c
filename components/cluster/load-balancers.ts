import type * as pulumi from "@pulumi/pulumi";
import { addressGiverOf } from "../../node-config/load-balancers";
import { NodeScript } from "../machine/node-script";
import { calicoVersion } from "../network/calico-manifest";
import { LoadBalancerAddresses } from "../network/load-balancer-addresses";
import type { NodeMachine } from "../node/cluster-node";
import type { CompleteClusterArgs } from "./with-defaults";

type Args = Pick<CompleteClusterArgs, "network" | "calico">;

const giverOf = ({ calico }: Args) => addressGiverOf(calicoVersion(calico.manifest) ?? "");

/**
 * Refuses to give up addresses that Services have, before anything of Calico's changes. It is there whatever the settings
 * say, for they may have named networks before.
 */
export function keepAddresses(
  name: string,
  args: Args,
  through: NodeMachine,
  opts: pulumi.ComponentResourceOptions,
): NodeScript {
  const { connection } = through;
  const stdin = JSON.stringify({ cidrs: args.network.loadBalancerCidrs, by: giverOf(args) });
  const script = "kubeadm/addresses-in-use.sh";
  return new NodeScript(`${name}-addresses-in-use`, { connection, script, stdin }, opts);
}

/** Gives Services of type LoadBalancer addresses, where the settings have networks for them. */
export function giveAddresses(
  name: string,
  args: Args,
  opts: pulumi.ComponentResourceOptions,
): LoadBalancerAddresses[] {
  const { loadBalancerCidrs: cidrs } = args.network;
  if (cidrs.length === 0) return [];
  return [new LoadBalancerAddresses(`${name}-load-balancers`, { cidrs, by: giverOf(args) }, opts)];
}
