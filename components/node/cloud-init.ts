import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Document, parseDocument } from "yaml";

/** What cloud-init gives a node: its name, network and login key. */
export interface NodeIdentity {
  readonly name: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly nameservers: readonly string[];
  readonly timeServers: readonly string[];
  readonly mtu: number;
  /** Public key of the login user. */
  readonly authorizedKey: string;
}

/**
 * The two documents of the NoCloud seed. create-node.sh adds host key and instance-id and writes them as JSON, which is
 * YAML.
 */
export interface CloudInit {
  readonly userData: unknown;
  readonly networkConfig: unknown;
}

export function cloudInit(identity: NodeIdentity): CloudInit {
  const { name, address } = identity;
  return {
    userData: filled("user-data.yaml", (document) => {
      document.set("hostname", name);
      document.set("fqdn", name);
      document.set("ssh_authorized_keys", [identity.authorizedKey.trim()]);
      document.setIn(["write_files", 0, "content"], hosts(name, address));
      document.setIn(["write_files", 1, "content"], lines("nameserver", identity.nameservers, ""));
      document.setIn(["write_files", 2, "content"], lines("server", identity.timeServers, " iburst"));
    }),
    networkConfig: filled("network-config.yaml", (document) => {
      const card = ["ethernets", "eth0"];
      document.setIn([...card, "addresses"], [`${address}/${identity.prefixLength}`]);
      document.setIn([...card, "mtu"], identity.mtu);
      document.setIn([...card, "routes", 0, "via"], identity.gateway);
    }),
  };
}

function filled(name: string, fill: (document: Document) => void): unknown {
  const document = parseDocument(readFileSync(join(__dirname, "../../node-config/cloud-init", name), "utf8"));
  fill(document);
  const value = document.toJS();
  if (JSON.stringify(value).includes("<set>"))
    throw new Error(`node-config/cloud-init/${name}: a field marked <set> was not filled`);
  return value;
}

function hosts(name: string, address: string): string {
  return `127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n${address} ${name}\n`;
}

function lines(word: string, values: readonly string[], rest: string): string {
  return values.map((value) => `${word} ${value}${rest}\n`).join("");
}
