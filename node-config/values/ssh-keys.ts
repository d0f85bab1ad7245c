import { createPrivateKey, createPublicKey, type JsonWebKey } from "node:crypto";
import type { Rule } from "./rule";

/** A public key, or the host key of a machine, whose words and bytes agree. */
function blobOf(line: string): { readonly type: string; readonly blob: Buffer } | undefined {
  const [type = "", encoded = ""] = line.trim().split(/\s+/);
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return undefined;
  const blob = Buffer.from(encoded, "base64");
  const fields = fieldsOf(blob);
  return fields?.[0]?.toString("latin1") === type ? { type, blob } : undefined;
}

/** The fields of a key on the wire (RFC 4253, 4251), each behind its length; undefined where these do not fit. */
function fieldsOf(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    if (at + 4 > blob.length) return undefined;
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) return undefined;
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** The ed25519 host key of a machine, as in /etc/ssh/ssh_host_ed25519_key.pub. */
export const hostKey: Rule = (text) => {
  const key = /[\r\n]/.test(text) ? undefined : blobOf(text);
  if (key?.type === "ssh-ed25519" && fieldsOf(key.blob)?.[1]?.length === 32 && key.blob.length === 51) return undefined;
  return "is not an ed25519 host key; write the first two words of the machine's /etc/ssh/ssh_host_ed25519_key.pub (`ssh-keyscan -t ed25519`, then compare)";
};

/** The key without its comment: two machines with the same one can't be told apart. */
export function withoutComment(key: string): string {
  return key.trim().split(/\s+/).slice(0, 2).join(" ");
}

const types = /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com)$/;

/** What is wrong with public keys, one a line; a message never repeats a line, which may be something else. */
export const publicKeys: Rule = (content) => {
  if (/PRIVATE KEY/.test(content)) {
    return "holds a private key, which would lie on every node; name the public key beside it, which ends in .pub (`ssh-keygen -y -f <private key>` prints it)";
  }
  const lines = keyLines(content);
  const wrong = lines.findIndex((line) => !types.test(blobOf(line)?.type ?? ""));
  if (lines.length > 0 && wrong < 0) return undefined;
  const where = lines.length > 1 ? `line ${wrong + 1} is no` : "is no";
  return `${where} public key of SSH, such as \`ssh-ed25519 AAAA… comment\`; write it with \`ssh-keygen -y -f <private key>\``;
};

/** What is wrong with a private key that programs log in with. */
export const privateKey: Rule = (content) => {
  const read = publicHalfOf(content);
  return typeof read === "string" ? read : undefined;
};

/** Whether one of the public keys is that of the private key. */
export function belongTogether(privateContent: string, publicContent: string): string | undefined {
  const half = publicHalfOf(privateContent);
  if (typeof half === "string" || publicKeys(publicContent)) return undefined; // said of the file itself
  if (keyLines(publicContent).some((line) => blobOf(line)?.blob.equals(half))) return undefined;
  return "has no key that belongs to the private key, which could not log in anywhere; write it with `ssh-keygen -y -f <private key>`, beside others if you like, one a line";
}

function keyLines(content: string): string[] {
  return content.split(/\r?\n/).filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

const noKey =
  "is no private key of SSH; make a key pair with `ssh-keygen -t ed25519`, or name the private key that you have";
const passphrase =
  "is protected by a passphrase, which nobody types in a run; make a key pair for this cluster with `ssh-keygen -t ed25519 -N ''`, readable by you alone";

/** The public half as it stands in a public key, or what is wrong. */
function publicHalfOf(content: string): Buffer | string {
  if (/BEGIN (OPENSSH|RSA|EC) PRIVATE KEY|BEGIN (ENCRYPTED )?PRIVATE KEY/.test(content) === false) return noKey;
  if (/ENCRYPTED/.test(content)) return passphrase;
  return /BEGIN OPENSSH/.test(content) ? halfOfOpenssh(content) : halfOfPem(content);
}

/** openssh-key-v1: the public half is in clear even where the private one is not (PROTOCOL.key of OpenSSH). */
function halfOfOpenssh(content: string): Buffer | string {
  const [, encoded = ""] =
    /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END OPENSSH PRIVATE KEY-----/.exec(content) ?? [];
  const bytes = Buffer.from(encoded, "base64");
  const magic = "openssh-key-v1\0";
  if (bytes.subarray(0, magic.length).toString("latin1") !== magic) return noKey;
  const rest = bytes.subarray(magic.length);
  // Three fields, the number of keys, two fields.
  const before = fieldsUntil(rest, 3);
  const after = before && fieldsUntil(rest.subarray(before.end + 4), 2);
  if (!before || !after) return noKey;
  return before.fields[0]?.toString("latin1") === "none" ? (after.fields[0] as Buffer) : passphrase;
}

function fieldsUntil(bytes: Buffer, count: number): { fields: Buffer[]; end: number } | undefined {
  const fields: Buffer[] = [];
  let end = 0;
  while (fields.length < count) {
    if (end + 4 > bytes.length) return undefined;
    const length = bytes.readUInt32BE(end);
    if (end + 4 + length > bytes.length) return undefined;
    fields.push(bytes.subarray(end + 4, end + 4 + length));
    end += 4 + length;
  }
  return { fields, end };
}

function halfOfPem(content: string): Buffer | string {
  try {
    return wireOf(createPublicKey(createPrivateKey(content)).export({ format: "jwk" })) ?? noKey;
  } catch {
    return noKey; // The library's message could quote the key.
  }
}

/** RFC 4253 for RSA, RFC 5656 for ECDSA, RFC 8709 for ed25519. */
function wireOf({ kty, crv = "", x = "", y = "", n = "", e = "" }: JsonWebKey): Buffer | undefined {
  const bytes = (text: string) => Buffer.from(text, "base64url");
  if (kty === "RSA") return joined("ssh-rsa", positive(bytes(e)), positive(bytes(n)));
  if (kty === "OKP" && crv === "Ed25519") return joined("ssh-ed25519", bytes(x));
  if (kty !== "EC" || !/^P-(256|384|521)$/.test(crv)) return undefined;
  const curve = crv.replace("P-", "nistp");
  return joined(`ecdsa-sha2-${curve}`, curve, Buffer.concat([Buffer.from([4]), bytes(x), bytes(y)]));
}

function joined(...fields: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const bytes = Buffer.from(field as string);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}

/** A number whose first bit is set would be negative. */
function positive(bytes: Buffer): Buffer {
  return (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}
