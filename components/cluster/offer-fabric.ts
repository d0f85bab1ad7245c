import type * as pulumi from "@pulumi/pulumi";
import { Fabric } from "../network/fabric";
import { fabricNamespace } from "../verify/wanted";
import type { CompleteClusterArgs } from "./with-defaults";

/** Lets pods ask for the fabric, where there is one: those of the settings' namespaces, and the verification's own. */
export function offerFabric(
  name: string,
  { network: { fabric } }: Pick<CompleteClusterArgs, "network">,
  opts: pulumi.ComponentResourceOptions,
): Fabric[] {
  return fabric ? [new Fabric(`${name}-fabric`, { namespaces: [...fabric.namespaces, fabricNamespace] }, opts)] : [];
}
