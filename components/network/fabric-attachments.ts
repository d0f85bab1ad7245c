import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { fabricLabels, fabricNetwork } from "../../node-config/fabric";
import { distinct } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";
import { type KubernetesObject, KubernetesResource, slugOf } from "../kubernetes/object";
import { refuseUnless } from "../refusal/refusal";
import { fabricAdmission, isIn } from "./fabric-admission";

export interface FabricAttachmentsArgs {
  /** Namespaces whose pods may ask Multus for the fabric. */
  readonly namespaces: readonly string[];
}

/**
 * How pods ask Multus, which somebody else installed, for an interface on the fabric: a NetworkAttachmentDefinition in each
 * of the given namespaces, and an admission policy that refuses pods of all others. It has no configuration of its own, for
 * addresses are each node's: Multus reads the node's file of that name.
 *
 * Give the cluster as `provider`, in which Multus' kind must be.
 */
export class FabricAttachments extends pulumi.ComponentResource {
  constructor(name: string, args: FabricAttachmentsArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseUnless(shape, name, args);
    super("kjerne:network:FabricAttachments", name, args, opts);
    const { rule, definitions } = fabricAttachmentObjects(args);
    const refusing = rule.map(
      (object) =>
        new KubernetesResource(`${name}-${slugOf(object)}`, object, { parent: this, dependsOn: opts?.dependsOn }),
    );
    for (const object of definitions)
      new KubernetesResource(`${name}-${object.metadata.namespace}`, object, { parent: this, dependsOn: refusing });
    this.registerOutputs({});
  }
}

/** The objects alone, to apply them by other means: who may ask, before what they ask for. */
export function fabricAttachmentObjects({ namespaces }: FabricAttachmentsArgs): {
  readonly rule: readonly KubernetesObject[];
  readonly definitions: readonly KubernetesObject[];
} {
  return {
    // Multus reads annotations once the pod is on its node, and they can change until then.
    rule: fabricAdmission("kjerne-fabric-multus", ["CREATE", "UPDATE"], {
      variables: [
        { name: "networks", expression: annotation("object", "k8s.v1.cni.cncf.io/networks") },
        { name: "first", expression: annotation("object", "v1.multus-cni.io/default-network") },
        { name: "networksBefore", expression: before("k8s.v1.cni.cncf.io/networks") },
        { name: "firstBefore", expression: before("v1.multus-cni.io/default-network") },
      ],
      validations: [
        {
          expression: `${isIn(namespaces)} || variables.networks == variables.networksBefore || !(${names("networks")})`,
          reason: "Forbidden",
          messageExpression: `'namespace ' + request.namespace + ' may not use the fabric, where no NetworkPolicy holds; add it to network.fabric.namespaces, or take ${fabricNetwork}, and any backslash, out of the annotation k8s.v1.cni.cncf.io/networks'`,
        },
        {
          expression: `variables.first == variables.firstBefore || !(${names("first")})`,
          reason: "Forbidden",
          message: `the fabric is no pod's first network: there no NetworkPolicy would hold it at all; take ${fabricNetwork}, and any backslash, out of the annotation v1.multus-cni.io/default-network`,
        },
      ],
    }),
    definitions: namespaces.map((namespace) => ({
      apiVersion: "k8s.cni.cncf.io/v1",
      kind: "NetworkAttachmentDefinition",
      // Of an object without any field nothing says who made it.
      metadata: { name: fabricNetwork, namespace, labels: fabricLabels },
    })),
  };
}

const annotation = (object: string, key: string) => `${object}.metadata.?annotations[?'${key}'].orValue('')`;
const before = (key: string) => `oldObject == null ? '' : ${annotation("oldObject", key)}`;
/** Multus takes JSON too, in which a backslash can spell any letter. */
const names = (variable: string) =>
  `variables.${variable}.contains('${fabricNetwork}') || variables.${variable}.contains('\\\\')`;

const shape = z.object({ namespaces: distinct(values.namespace).min(1) });
