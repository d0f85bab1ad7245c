import { createHash, generateKeyPairSync } from "node:crypto";
import { metallbImage } from "../../node-config/load-balancers";
import { metricsServerImage } from "../../node-config/metrics";
import { kubernetesImages, type SupplyIndex } from "../../node-config/values/software";

/** Fields of a key on the wire, each behind its length. */
export function wire(...fields: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(Buffer.byteLength(field));
      return [length, Buffer.from(field as string)];
    }),
  );
}

/** An ed25519 public key, another one for each name. Nobody has its private half. */
export const publicKeyOf = (name: string) =>
  `ssh-ed25519 ${wire("ssh-ed25519", createHash("sha256").update(name).digest()).toString("base64")}`;

/** A new pair of keys for this run, as programs log in with. */
function keyPair(): { privateKey: string; publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const { x = "" } = publicKey.export({ format: "jwk" });
  return {
    privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
    publicKey: `ssh-ed25519 ${wire("ssh-ed25519", Buffer.from(x, "base64url")).toString("base64")}`,
  };
}

export const operatorKey = keyPair();
export const otherKey = keyPair();

/** A private key in the form that ssh-keygen writes, whose public half is given and whose private one is missing. */
export function opensshKey(publicKey: string, cipher: "none" | "aes256-ctr"): string {
  const blob = Buffer.from(publicKey.split(" ")[1] as string, "base64");
  const count = Buffer.from([0, 0, 0, 1]);
  const kdf = cipher === "none" ? "none" : "bcrypt";
  const bytes = Buffer.concat([Buffer.from("openssh-key-v1\0"), wire(cipher, kdf, ""), count, wire(blob, "private")]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${bytes.toString("base64")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

/** What `gpg --armor --export` writes, as far as its form goes. */
export const archiveKey = `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${"mDMEZ".repeat(20)}\n=AAAA\n-----END PGP PUBLIC KEY BLOCK-----\n`;

const digest = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const images = [
  ...kubernetesImages("1.36.3"),
  metricsServerImage,
  metallbImage,
  ...["node", "cni", "kube-controllers"].map((name) => `docker.io/calico/${name}:v3.28.5`),
];

/** Index of a supply that has everything for Kubernetes 1.36.3 with Calico 3.28.5. */
export const index: SupplyIndex = {
  packages: {
    kubeadm: "1.36.3-1",
    kubelet: "1.36.3-1",
    kubectl: "1.36.3-1",
    containerd: "2.3.7-1",
    "cri-tools": "1.36.0-1",
    "kubernetes-cni": "1.1.1-1",
  },
  images: Object.fromEntries(images.map((name) => [name, digest(name)])),
};
