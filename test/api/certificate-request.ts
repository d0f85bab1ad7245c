import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A value of ASN.1 in DER: its tag, its length, what is in it. */
export function der(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as string, "latin1")));
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const [octets, sequence, set] = [0x04, 0x30, 0x31];
const oid = (hexadecimal: string) => der(0x06, Buffer.from(hexadecimal, "hex"));

/** Names of a certificate by kind: RFC 5280, 4.2.1.6. */
export const dns = (name: string) => der(0x82, name);
export const ip = (...bytes: readonly number[]) => der(0x87, Buffer.from(bytes));
export const mail = (name: string) => der(0x81, name);
export const uri = (name: string) => der(0x86, name);
export const directory = (name: string) => der(0xa4, subject([["550403", name]]));
/** Type 1.3.6.1.4.1.311.20.2.3, a user's name. */
export const other = (name: string) => der(0xa0, oid("2b060104018237140203"), der(0xa0, der(0x0c, name)));

/** The extension subjectAltName, in a list of extensions. */
export const names = (...of: readonly Buffer[]) => der(sequence, oid("551d11"), der(octets, der(sequence, ...of)));
/** The extension basicConstraints with CA:TRUE. */
export const authority = der(sequence, oid("551d13"), der(octets, der(sequence, der(0x01, "\xff"))));

/** The attribute extensionRequest, in a list of attributes. */
export const extensions = (...of: readonly Buffer[]) =>
  der(sequence, oid("2a864886f70d01090e"), der(set, der(sequence, ...of)));
/** The attribute challengePassword. */
export const password = der(sequence, oid("2a864886f70d010907"), der(set, der(0x0c, "secret")));

/** A subject of the given parts: [OID in hexadecimal, value]. */
export function subject(parts: readonly (readonly [string, string])[]): Buffer {
  return der(sequence, ...parts.map(([id, value]) => der(set, der(sequence, oid(id), der(0x0c, value)))));
}

export const kubeletSubject = (node: string) =>
  subject([
    ["55040a", "system:nodes"],
    ["550403", `system:node:${node}`],
  ]);

export const ellipticKey = (namedCurve = "P-256") => generateKeyPairSync("ec", { namedCurve }).privateKey;
export const rsaKey = (modulusLength: number) => generateKeyPairSync("rsa", { modulusLength }).privateKey;

const ecdsaWithSha256 = der(sequence, oid("2a8648ce3d040302"));
const rsaWithSha256 = der(sequence, oid("2a864886f70d01010b"), der(0x05));

export interface RequestParts {
  readonly subject: Buffer;
  readonly attributes: readonly Buffer[];
  readonly key?: KeyObject;
  /** Who signs. @default the key itself */
  readonly signer?: KeyObject;
}

/** PEM of a certificate request (RFC 2986) with exactly these parts, however wrong they are. */
export function certificateRequest({ subject, attributes, key = ellipticKey(), signer = key }: RequestParts): string {
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const body = der(sequence, der(0x02, "\0"), subject, publicKey, der(0xa0, ...attributes));
  const algorithm = signer.asymmetricKeyType === "rsa" ? rsaWithSha256 : ecdsaWithSha256;
  return pem(der(sequence, body, algorithm, der(0x03, "\0", sign("sha256", body, signer))));
}

export function pem(request: Buffer): string {
  const lines = request.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join("\n")}\n-----END CERTIFICATE REQUEST-----\n`;
}
