import * as pulumi from "@pulumi/pulumi";

/** One object of the cluster, as a manifest has it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

/**
 * The provider can miss that an object is gone, and looks again only when its time is over: by default after 10 minutes,
 * which a destroy would stand still for.
 */
const deletePatience = "2m";

/**
 * Who owns the fields of an object. The provider makes up a name for each object and keeps it in the state: a run that is
 * killed before that leaves an object of a stranger, with which the next run would be in conflict.
 */
const fieldManager = { "pulumi.com/patchFieldManager": "kjerne" };

/**
 * An object of the cluster from plain data, under the type that @pulumi/kubernetes has for its kind. The SDK's own way
 * for manifests either asks the API server in preview, before there is one, or hides the objects from it.
 */
export class KubernetesResource extends pulumi.CustomResource {
  constructor(name: string, object: KubernetesObject, opts: pulumi.CustomResourceOptions) {
    const group = object.apiVersion === "v1" ? "core/v1" : object.apiVersion;
    const customTimeouts = { delete: deletePatience, ...opts.customTimeouts };
    const annotations = { ...object.metadata.annotations, ...fieldManager };
    const owned = { ...object, metadata: { ...object.metadata, annotations } };
    super(`kubernetes:${group}:${object.kind}`, name, owned, { ...opts, customTimeouts });
  }
}

/** "networkpolicy-default-deny-all": unique among the objects of one component that has no two namespaces. */
export function slugOf(object: KubernetesObject): string {
  return `${object.kind.toLowerCase()}-${object.metadata.name}`;
}
