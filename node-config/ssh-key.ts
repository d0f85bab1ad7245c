import { createPrivateKey, createPublicKey } from "node:crypto";

/** A key pair of ssh, in the forms of its files. */
export interface SshKey {
  readonly privateKey: string;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  readonly publicKey: string;
}

const kind = "ssh-ed25519";
/** PKCS #8 before the 32 bytes of a seed. https://www.rfc-editor.org/rfc/rfc8410#section-7 */
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * The ed25519 key of a seed, always the same.
 *
 * The private key is in the only form in which OpenSSH 9.2 reads ed25519.
 * https://github.com/openssh/openssh-portable/blob/V_9_2_P1/PROTOCOL.key
 *
 * @param seed 32 bytes, secret.
 */
export function sshKeyOf(seed: Buffer): SshKey {
  const { x = "" } = createPublicKey(
    createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: "der", type: "pkcs8" }),
  ).export({ format: "jwk" });
  const point = Buffer.from(x, "base64url");
  const publicPart = Buffer.concat([field(kind), field(point)]);
  // Two equal numbers tell a right passphrase; there is none.
  const numbers = Buffer.alloc(8);
  const secret = Buffer.concat([numbers, publicPart, field(Buffer.concat([seed, point])), field("")]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, at) => at + 1));
  const key = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...["none", "none", ""].map(field),
    number(1),
    field(publicPart),
    field(Buffer.concat([secret, padding])),
  ]);
  const lines = key.toString("base64").match(/.{1,70}/g) ?? [];
  return {
    privateKey: ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n"),
    publicKey: `${kind} ${publicPart.toString("base64")}`,
  };
}

function field(content: string | Buffer): Buffer {
  return Buffer.concat([number(Buffer.byteLength(content)), Buffer.from(content)]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
