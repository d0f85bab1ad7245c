import { repeated } from "./machines";

/** Namespaces that Kubernetes and Calico themselves run in: default deny there would cut off the cluster. */
export const systemNamespaces: readonly string[] = [
  "kube-system",
  "kube-public",
  "kube-node-lease",
  "calico-system",
  "calico-apiserver",
  "tigera-operator",
];

/** Namespaces of the verification, which it makes for each run and deletes after it. */
const verified = /^kjerne-verify(-|$)/;

/** Why a namespace cannot have default deny, or undefined. */
export function undeniable(namespace: string): string | undefined {
  if (systemNamespaces.includes(namespace)) {
    return "the cluster itself runs there and would be cut off; remove the entry, and name only namespaces of your own";
  }
  return verified.test(namespace)
    ? "the verification makes this namespace and deletes it with everything in it; choose another name"
    : undefined;
}

/** Namespaces that are listed twice. */
export function twiceDenied(namespaces: readonly string[]): string[] {
  return repeated(namespaces).map(
    (name) => `defaultDeny: ${name} is listed twice; put all that it allows into one entry`,
  );
}

/** Traffic that is allowed twice, or under one name with other traffic: the second policy would replace the first. */
export function twiceAllowed(
  where: string,
  allowed: readonly { readonly name: string; readonly what: string }[],
): string[] {
  return repeated(allowed.map(({ name }) => name)).map((name) => {
    const all = [...new Set(allowed.filter((one) => one.name === name).map(({ what }) => what))];
    return all.length === 1
      ? `${where}: ${all[0]} is allowed twice; remove one`
      : `${where}: ${all.join(" and ")} would both be the policy ${name}; give the pods of one another label`;
  });
}
