import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";

/** Where API servers read how they encrypt: `--encryption-provider-config` in kubeadm/init.yaml. */
export const encryptionPath = "/etc/kubernetes/kjerne/encryption.yaml";

/** EncryptionConfiguration with a key of 32 bytes in base64; a secret. */
export function renderEncryption(keyBase64: string): string {
  const document = parse();
  document.setIn(["resources", 0, "providers", 0, "secretbox", "keys", 0, "secret"], keyBase64);
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
