import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";

/** Where API servers read how they encrypt: `--encryption-provider-config` in kubeadm/init.yaml. */
export const encryptionPath = "/etc/kubernetes/kjerne/encryption.yaml";

export interface EncryptionKey {
  /** Stands in front of each value in etcd that the key encrypts. */
  readonly name: string;
  /** 32 bytes in base64. */
  readonly secret: string;
}

/** EncryptionConfiguration: the first key writes, all of them read. A secret. */
export function renderEncryption(keys: readonly [EncryptionKey, ...EncryptionKey[]]): string {
  const document = parse();
  const path = ["resources", 0, "providers", 0, "secretbox", "keys"];
  keys.forEach((key, index) => {
    document.setIn([...path, index], document.createNode(key, { flow: true }));
  });
  return document.toString({ lineWidth: 0 });
}

/** Which resources are encrypted, and with which providers. Has no key: it is known before there is one. */
export function encryptionFacts(): { resources: string[]; providers: Record<string, object>[] }[] {
  const { resources } = parse().toJS();
  return resources.map(({ resources, providers }: { resources: string[]; providers: object[] }) => ({
    resources,
    providers: providers.map((provider) => Object.fromEntries(Object.keys(provider).map((name) => [name, {}]))),
  }));
}

function parse() {
  return parseDocument(readFileSync(join(__dirname, "kubeadm/encryption.yaml"), "utf8"));
}
