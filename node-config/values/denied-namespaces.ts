import { network } from "./addresses";
import { repeated } from "./machines";
import type { Rule } from "./rule";

/** Namespaces that Kubernetes and Calico themselves run in: default deny there would cut off the cluster. */
export const systemNamespaces: readonly string[] = [
  "kube-system",
  "kube-public",
  "kube-node-lease",
  "calico-system",
  "calico-apiserver",
  "tigera-operator",
];

/**
 * Namespaces that default deny and Pod Security of the whole cluster leave out, by name: here alone run parts of the
 * system that kjerne installs. Of others that Calico's operator would have, anybody may make one.
 */
export const exemptNamespaces: readonly string[] = ["kube-system"];

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

const anyNetwork = network(1, 32, "write 0.0.0.0/0 for everybody");

/** Addresses that a pod may talk to, or that may talk to it. */
export const allowedNetwork: Rule = (text) => (text === "0.0.0.0/0" ? undefined : anyNetwork(text));

/** Ports from the first to the last, `9000-9100`. */
export const portRange: Rule = (text) => {
  const [, first, last] = /^([1-9]\d{0,4})-([1-9]\d{0,4})$/.exec(text) ?? [];
  if (first === undefined) return "is neither a port, such as 443, nor a range, such as 9000-9100";
  if (Number(last) > 65535) return "ends behind 65535, the last port";
  return Number(first) < Number(last) ? undefined : "has no port in it; write the smaller one first";
};

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
