import { storageClass, volumeName } from "../../node-config/volumes";
import { both, type Reading } from "./answers";
import { faultless, judge } from "./judge";
import type { ObservedCluster } from "./observed-cluster";
import type { Check, Warning } from "./report";
import type { Wanted, WantedNode } from "./wanted";
import { warning } from "./warnings";

/** Whether pods can claim the volumes of the settings. */
export function volumesStand(wanted: Wanted, { storageClasses, volumes }: ObservedCluster): Check {
  const listed = wanted.nodes.flatMap(({ name, volumes = [] }) => volumes.map((volume) => ({ ...volume, node: name })));
  const question = {
    id: "volumes",
    title: `pods can claim volumes of the StorageClass ${storageClass}`,
    node: "cluster",
    wanted: `${listed.length} volumes, and a claim waits for its first pod`,
    next: "kubectl get storageclasses,persistentvolumes; pulumi up --refresh puts back what is missing",
  };
  const found = both(storageClasses, volumes, (classes, volumes) => ({ classes, volumes }));
  return judge(question, found, ({ classes, volumes }) => {
    const local = classes.find(({ name }) => name === storageClass);
    const faults = listed.flatMap((volume) => {
      const name = volumeName(volume.node, volume);
      const there = volumes.find((one) => one.name === name);
      if (!there) return [`${name} is not there`];
      const isAsWanted = there.directory === volume.directory && there.size === `${volume.sizeGiB}Gi`;
      return [
        ...(isAsWanted && there.storageClass === storageClass ? [] : [`${name} was changed`]),
        ...(there.phase === "Failed" ? [`${name} is Failed`] : []),
      ];
    });
    const count = (phase: string) => volumes.filter((one) => one.phase === phase).length;
    return faultless(
      [
        ...(local?.volumeBindingMode === "WaitForFirstConsumer"
          ? []
          : [`StorageClass ${storageClass} ${local ? `has ${local.volumeBindingMode}` : "is not there"}`]),
        ...faults,
      ],
      `${listed.length} volumes: ${count("Available")} Available, ${count("Bound")} Bound`,
    );
  });
}

/** Whether the directories of a node's volumes are there: without one, no pod that has claimed it starts. */
export function volumeDirectories({ name, volumes = [] }: WantedNode, there: Reading<readonly string[]>): Check {
  const question = {
    id: "volume-directories",
    title: "the directories of the node's volumes are there",
    node: name,
    wanted: volumes.map(({ directory }) => directory).join(", "),
    next: "findmnt; cat /etc/fstab; ls -l /srv /mnt: is the file system mounted?",
  };
  return judge(question, there, (found) =>
    faultless(
      volumes.flatMap(({ directory }) => (found.includes(directory) ? [] : [`${directory} is not there`])),
      found.join(", "),
    ),
  );
}

/** Volumes whose claim was deleted: nobody else gets them, since its files are still there. */
export function volumeWarnings({ volumes }: ObservedCluster): Warning[] {
  const left = "value" in volumes ? volumes.value.filter(({ phase }) => phase === "Released") : [];
  return warning(
    "volumes-released",
    "volumes that hold files of a claim that was deleted",
    left.map(({ name, claim }) => `${name} (${claim})`),
    'docs/operations.md, "Give a volume to somebody else"',
  );
}
