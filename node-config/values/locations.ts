import { isIP } from "node:net";
import { machineAddress } from "./addresses";
import { domainName } from "./names";
import { matching, type Rule } from "./rule";

/** Refuses user and password in an address, wherever it leads: settings are in clear in previews and in the state. */
export const withoutCredentials: Rule = (text) =>
  /^[^/]*\/\/[^/]*@/.test(text)
    ? "has a user or a password in it, which previews and the state would show; write it without, and let the server know its clients by their addresses"
    : undefined;

/** A service that machines reach by HTTP or HTTPS. */
export const webAddress: Rule = (text) => {
  const credentials = withoutCredentials(text);
  if (credentials) return credentials;
  if (!/^[\x21-\x7e]*$/.test(text) || /["'<>\\^`{|}]/.test(text)) {
    return "has a blank, a line break or another character that no address has; write it percent-encoded";
  }
  if (!/^https?:\/\/[^/]/.test(text) || !URL.canParse(text)) {
    return "is not an address that begins with https:// or http://, such as https://mirror.eksempel.no:5000";
  }
  const { hostname, port, search, hash } = new URL(text);
  if (search || hash) return "has a ? or # in it, behind which nothing can be appended; write the part before it";
  if (port === "0") return "has port 0, where nothing listens; write the server's port";
  if (hostname.startsWith("[")) return "has an IPv6 address, which nodes don't have; write a name or an IPv4 address";
  const wrong = isIP(hostname) === 4 ? machineAddress(hostname) : domainName(hostname);
  return wrong && `leads to ${hostname}, which ${wrong}`;
};

/** The host of an address, for comparing it with networks; empty for what is no address. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname : "";
}

/** A registry as it stands in image names; it becomes the name of a directory. */
export const registryHost: Rule = (text) => {
  if (/^(index|registry-1|registry)\.docker\.(io|com)$/.test(text))
    return "is Docker Hub, which image names call docker.io: write docker.io";
  const [host = "", port, ...more] = text.split(":");
  const isPort = port === undefined || (/^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65535);
  if (more.length === 0 && isPort && (isIP(host) === 4 || domainName(host) === undefined)) return undefined;
  return "is not a registry as it stands in image names, such as registry.k8s.io: a host, and a port where it has one";
};

/** What nobody may give away: its mode, owner or content would change for the whole system. */
const systemPlaces = new RegExp(
  [
    "^/$",
    "^/(bin|boot|dev|etc|lib|lib32|lib64|libx32|lost\\+found|proc|root|run|sbin|sys|tmp|usr)(/|$)",
    "^/var/(backups|cache|lock|log|mail|run|spool|tmp)(/|$)",
    "^/var/lib/(apt|dpkg|systemd|dbus|private|cloud|chrony|polkit-1|ucf)(/|$)",
    "^/var/lib/(libvirt|kjerne)$",
    "^/(home|media|mnt|opt|srv|var|var/lib|var/local|var/opt)$",
  ].join("|"),
);

/** A directory of our own on a hypervisor. libvirt keeps a path without a slash at its end, and compares it as text. */
export const ownDirectory: Rule = (path) => {
  if (!/^\/[\w./+:@-]*$/.test(path)) {
    return "is not an absolute path of letters, digits and . _ + : @ -, such as /srv/nvme/kjerne";
  }
  if (systemPlaces.test(path))
    return "belongs to the system; choose a directory for kjerne alone, such as /var/lib/kjerne/pool";
  if (/\/(\.{1,2})?(\/|$)/.test(path)) {
    return `is not written as libvirt keeps it, without "//", "." and ".." and without a slash at the end; write ${normal(path)}`;
  }
  return path.length > 200 ? "is longer than 200 characters" : undefined;
};

/** The path that names the same directory in the shortest way. */
function normal(path: string): string {
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return `/${steps.join("/")}`;
}

/** Whether one directory is the other or lies in it. */
export function isIn(path: string, directory: string): boolean {
  return `${path}/`.startsWith(`${directory}/`);
}

/** A suite of an apt repository, as it stands in a line of deb822. A path that ends in a slash is a flat repository. */
export const suite: Rule = (text) =>
  /^(\.?\/|[A-Za-z0-9][\w.~+-]*(\/[A-Za-z0-9][\w.~+-]*)*\/?)$/.test(text)
    ? undefined
    : "is not a suite such as bookworm: one word, or for a flat repository a path that ends in a slash";

export const component: Rule = matching(
  /^[A-Za-z0-9][\w.~+-]*(\/[A-Za-z0-9][\w.~+-]*)*$/,
  "is not a component such as main: one word",
);
