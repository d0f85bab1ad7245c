import { z } from "zod";
import { defaults } from "../../node-config/defaults";
import { fabricKinds } from "../../node-config/fabric";
import { distinct } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";

/** `network.fabric`: see settings-keys.ts. */
export const fabric = z
  .strictObject({
    cidr: values.fabricNetwork.describe(
      "Network of pods on the fabric, for them alone. Each address of the node network has a range of it, by which no two nodes give out the same address.",
    ),
    mtu: values.mtu.default(defaults.fabricMtu).describe("What cards and switches of the fabric carry."),
    kind: z
      .enum(fabricKinds)
      .default(defaults.fabricKind)
      .describe(
        "What a pod has of its node's card. macvlan: an interface with a MAC address of its own. ipvlan: one with the card's, for switches that take no other. host-device: the card itself, so that one pod at a time runs there. sr-iov: one of the virtual functions that the operator has made on the card.",
      ),
    multus: z
      .boolean()
      .default(defaults.fabricMultus)
      .describe(
        "Whether pods of namespaces may have the fabric by Multus too, which you have installed: each namespace gets the NetworkAttachmentDefinition kjerne-fabric. Not seen on machines.",
      ),
    namespaces: distinct(values.namespace)
      .min(1, "is empty; name at least one whose pods may ask for the fabric, or leave network.fabric out")
      .describe("Namespaces whose pods may ask for the fabric. No NetworkPolicy holds what passes there."),
  })
  .describe(
    "A second network for pods that ask: one with runtimeClassName fabric has eth1 on it, beside eth0 on the pod network. Nodes have it by machine.fabricInterface. Left out: none.",
  );
