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
 * The provider sometimes misses the event that an object was deleted and looks again only at the timeout, which is 10
 * minutes by default. A destroy would wait for it.
 */
const deletePatience = "2m";

/**
 * Field manager of server-side apply. By default the provider makes up a name for each object and keeps it in the
 * state: a run that is killed before the state is written leaves fields with an unknown owner, and the next run
 * conflicts with it.
 */
const fieldManager = { "pulumi.com/patchFieldManager": "kjerne" };

/**
 * An object of the cluster from plain data, under the type that @pulumi/kubernetes has for its kind. The SDK's own
 * classes for manifests either need an API server during the preview, before there is one, or hide the objects from the
 * preview.
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

/** Makes Pulumi wait until the API server serves the kind: before that it refuses objects of it. */
export function established(definition: KubernetesObject): KubernetesObject {
  const annotations = { "pulumi.com/waitFor": "condition=Established" };
  return { ...definition, metadata: { ...definition.metadata, annotations } };
}
