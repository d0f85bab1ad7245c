import type { Lock, Resolved } from "./lock";

/** Names of images whose tag has another digest than before. A tag of a release never moves. */
export function movedImages(before: Lock, after: Lock): string[] {
  return Object.entries(after.images).flatMap(([name, digest]) =>
    before.images[name] && before.images[name] !== digest
      ? [`${name}: was ${before.images[name]}, and now is ${digest}`]
      : [],
  );
}

/** What is newer than a lock, a line each; empty: nothing. */
export function newer(before: Lock, { lock, security, newerKubernetes }: Resolved): string[] {
  const changes = (kind: "packages" | "others") =>
    Object.entries(lock[kind]).flatMap(([name, version]) => {
      const had = before[kind]?.[name];
      if (had === version) return [];
      return [`${name} ${version}${had ? `, locked ${had}` : ""}${security.has(name) ? " (security update)" : ""}`];
    });
  const added = Object.keys(lock.images).filter((name) => !before.images[name]);
  return [
    ...(newerKubernetes ? [`kubeadm ${newerKubernetes}, which kubernetes.version does not name`] : []),
    ...changes("packages"),
    ...changes("others"),
    ...added,
  ];
}
