import { matching, type Rule } from "./rule";

export const objectKind: Rule = matching(
  /^[A-Z][A-Za-z]+$/,
  "is no kind as manifests have it; write it as in DaemonSet, without a group",
);

/** Kinds that API servers judge and that are in no namespace. */
const ofTheCluster = [
  ...[
    "AdminNetworkPolicy",
    "BGPPeer",
    "ClusterNetworkPolicy",
    "ClusterRole",
    "ClusterRoleBinding",
    "FelixConfiguration",
  ],
  ...["GlobalNetworkPolicy", "IPPool", "Installation", "Namespace", "PersistentVolume"],
];

/** What is wrong with the namespace of an object of this kind, or undefined. */
export function outsideNamespaces(kind: string, namespace: string | undefined): string | undefined {
  const isOutside = ofTheCluster.includes(kind);
  if (isOutside && namespace !== undefined) return `is one of a ${kind}, which is in no namespace; remove it`;
  if (isOutside || namespace !== undefined) return undefined;
  return `is missing: a ${kind} is in a namespace, and one of this name in each would be excepted; name it`;
}
