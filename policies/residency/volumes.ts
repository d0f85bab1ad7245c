import { type ClusterObject, holds, kindOf, objectsIn } from "../kubernetes/objects";
import { hasPods, type Pod, podsIn } from "../kubernetes/pods";
import { at, entriesAt, itemsAt, judged } from "../reading";
import { type Finding, type Rule, unknown, type Value } from "../rule";
import { nationalControl, transfers } from "./basis";
import type { Residency } from "./parameters";
import { countriesOf } from "./places";

const storageClass = "storage.k8s.io/StorageClass";
const persistentVolume = "/PersistentVolume";

export const volumeLocation: Rule<Residency> = {
  id: "RES-11",
  name: "volume-location",
  title: "Volumes are kept on the nodes themselves.",
  basis: [transfers, nationalControl],
  reviewBy: "2027-05-20",
  severity: "high",
  reads: ["StorageClass: provisioner", "PersistentVolume: spec, kind of volume", "pods: volumes[], kind of volume"],
  scope: "each",
  appliesTo: (resource) => holds(resource, storageClass, persistentVolume) || hasPods(resource),
  check: (resources, parameters) => [
    ...objectsIn(resources, storageClass, persistentVolume).map((object) =>
      kindOf(object) === storageClass ? judgeClass(object, parameters) : judgeVolume(object, parameters),
    ),
    ...podsIn(resources).flatMap((pod) => judgePod(pod, parameters)),
  ],
};

const wayOut =
  "Use local disks; or name the provisioner with localProvisioners in policies/residency/parameters.<stack>.json, if it keeps volumes on the node whose pod uses them.";

function judgeClass({ urn, prefix, content }: ClusterObject, parameters: Residency): Finding {
  return judgeDriver(urn, `${prefix}provisioner`, at(content, "provisioner"), parameters);
}

function judgeDriver(urn: string, field: string, value: Value | undefined, parameters: Residency): Finding {
  return judged(urn, field, value, {
    allows: (found) => typeof found === "string" && parameters.localProvisioners.includes(found),
    allowed: parameters.localProvisioners.join(", "),
    reason: elsewhere(parameters),
    wayOut,
    confidential: typeof value !== "string" || !/^[\w.-]+(\/[\w.-]+)?$/.test(value),
  });
}

const elsewhere = (parameters: Residency) => `Its volumes may lie outside ${countriesOf(parameters).inWords}.`;

/** Settings of a PersistentVolume that don't say where it lies. */
const settings = [
  ...["accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy"],
  ...["storageClassName", "volumeAttributesClassName", "volumeMode"],
];

/** SEC-11 judges the paths of `hostPath` and `local`. */
function judgeVolume({ urn, prefix, content }: ClusterObject, parameters: Residency): Finding {
  const spec = at(content, "spec");
  const kinds = entriesAt(content, "spec").filter(({ name, value }) => value !== null && !settings.includes(name));
  const [kind] = kinds;
  const field = `${prefix}spec`;
  if (kinds.length === 1 && kind?.name === "csi")
    return judgeDriver(urn, `${field}.csi.driver`, at(spec, "csi.driver"), parameters);
  return judgeKind(urn, field, spec === unknown ? unknown : kind?.name, ["local", "hostPath"], parameters);
}

/** Kinds of volume that are made on the node, from the cluster's own objects, from an image or from a claim. */
const onTheNode = [
  ...["emptyDir", "configMap", "secret", "projected", "downwardAPI", "persistentVolumeClaim", "ephemeral", "image"],
  "hostPath",
];

function judgePod({ owner, prefix, spec }: Pod, parameters: Residency): Finding[] {
  return itemsAt(spec, "volumes").map(({ field, item }) => {
    const where = `${prefix}${field}`;
    const kind = entriesAt({ item }, "item").find(({ name, value }) => name !== "name" && value !== null);
    if (kind?.name === "csi") return judgeDriver(owner.urn, `${where}.csi.driver`, at(item, "csi.driver"), parameters);
    // A volume without a kind is an emptyDir.
    const found = item === unknown ? unknown : (kind?.name ?? "emptyDir");
    return judgeKind(owner.urn, where, found, onTheNode, parameters);
  });
}

function judgeKind(
  urn: string,
  field: string,
  kind: Value | undefined,
  allowed: readonly string[],
  parameters: Residency,
): Finding {
  return judged(urn, field, kind, {
    allows: (name) => allowed.includes(name as string),
    allowed: `${allowed.join(", ")}, or csi with a driver of the list localProvisioners`,
    reason: elsewhere(parameters),
    wayOut,
    confidential: typeof kind !== "string" || !/^[a-zA-Z]+$/.test(kind),
  });
}
