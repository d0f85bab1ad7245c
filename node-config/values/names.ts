import { isIP } from "node:net";
import { machineAddress } from "./addresses";
import { matching, type Rule } from "./rule";

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** The name of a machine, and what is named like one: lower case, so that every tool spells it alike. */
export const hostName: Rule = (text) => {
  if (text === "localhost") return "is what every machine calls itself; choose another name";
  if (/^[a-z]/.test(text) && label.test(text)) return undefined;
  return "is not a host name: at most 63 lower-case letters, digits and hyphens, the first a letter, the last no hyphen";
};

/** A host name with its domain (RFC 1123), and no address. */
export const domainName: Rule = (text) => {
  if (isIP(text) !== 0) return "is an address; write a host name, which stays when the address changes";
  if (text === "localhost" || text.endsWith(".localhost")) return "leads back to the machine itself";
  if (text.length <= 253 && text.split(".").every((part) => label.test(part)) && !/(^|\.)\d+$/.test(text))
    return undefined;
  return "is not a host name: lower-case letters, digits and hyphens, in parts of at most 63 with dots between, such as api.oslo.eksempel.no";
};

/** A server that machines ask: its name or its address. */
export const server: Rule = (text) => (/^[\d.]+$/.test(text) ? machineAddress(text) : domainName(text.toLowerCase()));

/** A DNS label, as the API server takes it for a namespace. */
export const namespaceName: Rule = matching(
  label,
  "is not a namespace: at most 63 lower-case letters, digits and hyphens, a letter or digit at both ends",
);

/** A ClusterRole for people, by name. The system's own, such as system:node, are for its components. */
export const ownRole: Rule = (text) => {
  if (text.startsWith("system:"))
    return "is a role of Kubernetes' own components; choose view, edit, admin or cluster-admin, or make a ClusterRole of your own";
  if (/^[a-z0-9]([a-z0-9.:-]{0,251}[a-z0-9])?$/.test(text)) return undefined;
  return "is not the name of a ClusterRole: lower-case letters, digits, hyphens, dots and colons, such as view";
};

const word = /^[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/;

export const labelValue: Rule = (text) =>
  text === "" || word.test(text)
    ? undefined
    : "is not the value of a label: at most 63 letters, digits, '-', '_' and '.', a letter or digit at both ends";

/** The key of a label or taint, with or without the domain of who defined it. */
export const labelKey: Rule = (text) => {
  const [name = "", domain, ...more] = text.split("/").reverse();
  if (more.length === 0 && word.test(name) && (domain === undefined || domainName(domain) === undefined))
    return undefined;
  return "is not the key of a label: at most 63 letters, digits, '-', '_' and '.', before it the domain of who defined it and a slash, such as eksempel.no/disk";
};

/** A label that an operator may give a node: not one that kubelet or kubeadm keeps. */
export const nodeLabelKey: Rule = (text) =>
  /^(beta\.)?kubernetes\.io\/(hostname|os|arch)$|^node-role\.kubernetes\.io\/control-plane$/.test(text)
    ? "is a label that Kubernetes itself keeps on nodes; remove it"
    : labelKey(text);

/** A taint that an operator may give a node: not one that the node controller sets and removes, or a join. */
export const nodeTaintKey: Rule = (text) =>
  /^(node\.(cloudprovider\.)?kubernetes\.io\/|kjerne\.io\/routes-not-seen$)/.test(text)
    ? "is a taint that comes and goes by itself; choose a key of your own, such as eksempel.no/dedicated"
    : labelKey(text);

/**
 * Linux: IFNAMSIZ is 16 with the end, and the name is a file's in /sys/class/net.
 *
 * @param what Such as `bridge`.
 */
export const interfaceName =
  (what: string): Rule =>
  (text) =>
    /^[\w.-]{1,15}$/.test(text) && !/^(\.\.?|lo)$/.test(text)
      ? undefined
      : `is not the name of a ${what}: at most 15 letters, digits, '-', '_' and '.', as \`ip link\` shows it`;

/** POSIX, 3.437 and useradd(8). */
export const userName: Rule = matching(
  /^[A-Za-z_][A-Za-z0-9._-]{0,31}$/,
  "is not a user name: at most 32 letters, digits, '-', '_' and '.', the first a letter",
);

export const storagePoolName: Rule = matching(
  /^[A-Za-z0-9][\w-]{0,62}$/,
  "is not the name of a storage pool: at most 63 letters, digits, '-' and '_', the first a letter or digit",
);

const part = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const host = "[a-zA-Z0-9](?:[a-zA-Z0-9-.]*[a-zA-Z0-9])?(?::\\d{1,5})?";
const reference = new RegExp(`^(?:${host}/)?${part}(?:/${part})*(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`);

/** A container image by tag or digest, as github.com/distribution/reference reads it. */
export const imageReference: Rule = (text) => {
  if (!reference.test(text))
    return "is not the name of an image, such as registry.k8s.io/e2e-test-images/agnhost:2.63.0";
  return /[:@][^/]+$/.test(text) ? undefined : "names no version; add the tag or the digest";
};

/** How calico-node finds its own address: https://docs.tigera.io/calico/latest/networking/ipam/ip-autodetection */
export const autodetection: Rule = (text) => {
  const [, method = text, given = ""] = /^([a-z-]+)=(.+)$/.exec(text) ?? [];
  const list = given.split(",");
  if (/[\s\p{Cc}]/u.test(text)) return "has a blank or a line break; remove it";
  switch (method) {
    case "first-found":
    case "kubernetes-internal-ip":
      return given === "" ? undefined : `takes no value; write ${method}`;
    case "interface":
    case "skip-interface":
      return given !== "" && list.every(isExpression)
        ? undefined
        : `needs interfaces, such as ${method}=eth0 or ${method}=eth.*`;
    case "can-reach":
      return server(given) && "needs an address or a host name that nodes reach, such as can-reach=10.20.0.1";
    case "cidr":
      return list.every((cidr) => /^[\d.]+\/([89]|[12]\d|3[0-2])$/.test(cidr) && isIP(cidr.split("/")[0] ?? "") === 4)
        ? undefined
        : "needs IPv4 networks, such as cidr=10.20.0.0/24";
    default:
      return "is none of Calico's methods; write interface=eth0, cidr=10.20.0.0/24, kubernetes-internal-ip, can-reach=10.20.0.1, skip-interface=docker.* or first-found";
  }
};

function isExpression(text: string): boolean {
  try {
    return new RegExp(text).source.length > 0 && text !== "";
  } catch {
    return false;
  }
}
