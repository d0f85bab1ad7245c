import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Document, parseDocument } from "yaml";
import { keysOf, type MachineIdentity, systemFiles } from "../../node-config/system-files";

/**
 * The two documents of the NoCloud seed. create-node.sh adds host key and instance-id and writes them as JSON, which is
 * YAML.
 */
export interface CloudInit {
  readonly userData: unknown;
  readonly networkConfig: unknown;
}

export function cloudInit(identity: MachineIdentity): CloudInit {
  const { name, address } = identity;
  const files = systemFiles(identity);
  return {
    userData: filled("user-data.yaml", (document) => {
      document.set("hostname", name);
      document.set("fqdn", name);
      document.set("ssh_authorized_keys", keysOf(identity.authorizedKeys));
      document.setIn(["write_files", 0, "content"], hosts(name, address));
      for (const at of [1, 2]) {
        const path = document.getIn(["write_files", at, "path"]) as string;
        document.setIn(["write_files", at, "content"], files[path]?.content);
      }
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
