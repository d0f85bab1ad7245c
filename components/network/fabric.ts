import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { fabricClass, fabricLabels } from "../../node-config/fabric";
import { distinct } from "../../node-config/values/rule";
import { values } from "../../node-config/values/shapes";
import { type KubernetesObject, KubernetesResource, slugOf } from "../kubernetes/object";
import { refuseUnless } from "../refusal/refusal";
import { fabricAdmission, isIn } from "./fabric-admission";

export interface FabricArgs {
  /** Namespaces whose pods may ask for the fabric. */
  readonly namespaces: readonly string[];
}

/**
 * How pods ask for an interface on the fabric: a RuntimeClass, by which they also go to nodes with a card there, and an
 * admission policy that refuses them outside the given namespaces, since no NetworkPolicy holds what passes on the
 * fabric. What nodes need for it are files of theirs: `NodeBase`.
 *
 * Give the cluster as `provider`.
 */
export class Fabric extends pulumi.ComponentResource {
  constructor(name: string, args: FabricArgs, opts?: pulumi.ComponentResourceOptions) {
    refuseUnless(shape, name, args);
    super("kjerne:network:Fabric", name, args, opts);
    const [policy, binding, runtimeClass] = fabricObjects(args);
    // Without the class no pod gets an interface there: so the policy comes first.
    const rule = [policy, binding].map((object) => this.#made(name, object, opts?.dependsOn));
    this.#made(name, runtimeClass, rule);
    this.registerOutputs({});
  }

  #made(name: string, object: KubernetesObject, dependsOn: pulumi.ComponentResourceOptions["dependsOn"]) {
    return new KubernetesResource(`${name}-${slugOf(object)}`, object, { parent: this, dependsOn });
  }
}

/** The objects alone, to apply them by other means. */
export function fabricObjects({
  namespaces,
}: FabricArgs): readonly [policy: KubernetesObject, binding: KubernetesObject, runtimeClass: KubernetesObject] {
  return [
    ...fabricAdmission("kjerne-fabric", ["CREATE"], {
      matchConditions: [
        {
          name: "asks-for-the-fabric",
          expression: `object.spec.?runtimeClassName.orValue('') == '${fabricClass}'`,
        },
      ],
      validations: [
        {
          expression: isIn(namespaces),
          reason: "Forbidden",
          messageExpression: `'namespace ' + request.namespace + ' may not use the fabric, where no NetworkPolicy holds; add it to network.fabric.namespaces, or leave runtimeClassName out'`,
        },
      ],
    }),
    {
      apiVersion: "node.k8s.io/v1",
      kind: "RuntimeClass",
      metadata: { name: fabricClass },
      handler: fabricClass,
      scheduling: { nodeSelector: fabricLabels },
    },
  ];
}

const shape = z.object({ namespaces: distinct(values.namespace).min(1) });
