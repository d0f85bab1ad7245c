import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** Letters and digits alone: BIRD's configuration quotes it. 32 of them hold more than 128 bits. */
export function meshPasswordOf(name: string, number: number, parent: pulumi.Resource): pulumi.Output<string> {
  return new random.RandomPassword(`${name}-bgp-mesh-${number}`, { length: 32, special: false }, { parent }).result;
}
