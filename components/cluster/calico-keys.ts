import { z } from "zod";
import { defaults } from "../../node-config/defaults";
import { distinct } from "../../node-config/values/rule";
import { rack, router, values } from "../../node-config/values/shapes";

/** `network.calico` and its routers: see settings-keys.ts. */

export const calicoKeys = {
  autodetection: values.autodetection
    .optional()
    .describe("Left out: interface=eth0 where kjerne makes every machine, otherwise kubernetes-internal-ip."),
  blockSize: values.blockSize.default(defaults.blockSize),
  asNumber: values.asNumber.default(defaults.asNumber).describe("The nodes'. A router with the same one speaks iBGP."),
  meshPassword: z
    .int()
    .min(1)
    .default(defaults.meshPassword)
    .describe(
      "Number of the password of the BGP sessions between nodes. Another one makes another password; each session starts anew with it.",
    ),
  reflectors: distinct(values.hostName)
    .default([])
    .describe(
      "Names of nodes that pass on the routes of all others, who have BGP sessions with these alone: from some hundred nodes on. Two or three that have no workloads, such as control planes. Empty: every node has a session with every other.",
    ),
  encapsulation: z
    .strictObject({
      by: z.enum(["ipip", "vxlan"]),
      where: z.enum(["always", "across-subnets"]),
    })
    .optional()
    .describe(
      "A second header around what pods send to pods of other nodes, for a network that drops their addresses: ipip takes 20 bytes of each packet, vxlan 50. across-subnets: only between nodes with a router between them. Left out: none.",
    ),
  racks: distinct(rack, ({ name }) => name)
    .default([])
    .describe("Racks whose nodes have an autonomous system of their own. Empty: all nodes have asNumber."),
};

export const peerKeys = {
  ...router.shape,
  rack: values.hostName
    .optional()
    .describe("Its rack, whose nodes alone have sessions with it. Left out: every node has one."),
};
