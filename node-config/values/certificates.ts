import { X509Certificate } from "node:crypto";
import type { Rule } from "./rule";

/**
 * Certificates of authorities, in PEM, one behind the other. In a bundle of many some end on any day, which must not stop an
 * `up` of a cluster that runs: one that lasts is enough.
 */
export const authorities: Rule = (content) => {
  if (/PRIVATE KEY/.test(content))
    return "holds a private key, which machines must not get; name a file with the certificate alone";
  const blocks = content.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) {
    return "holds no certificate in PEM (`-----BEGIN CERTIFICATE-----`); for one in DER: `openssl x509 -inform der -in <file>`";
  }
  const ended: string[] = [];
  for (const block of blocks) {
    const certificate = parsed(block);
    if (!certificate) return "holds a certificate that can't be read; write it anew with `openssl x509 -in <file>`";
    const who = certificate.subject.replaceAll("\n", ", ");
    if (!certificate.ca) return `holds the certificate of ${who}, which is no authority's; name the one that signed it`;
    if (Date.parse(certificate.validTo) < Date.now())
      ended.push(
        `holds the certificate of ${who}, which ended on ${certificate.validTo}; name the one that follows it`,
      );
  }
  return ended.length === blocks.length ? ended.at(-1) : undefined;
};

function parsed(block: string): X509Certificate | undefined {
  try {
    return new X509Certificate(block);
  } catch {
    return undefined;
  }
}

/** A key by which apt judges a repository: it takes the armoured form alone where the key is a field's value. */
export const archiveKey: Rule = (content) => {
  const wayOut = "write the key that signs the repository there with `gpg --armor --export <key>`";
  if (/PRIVATE KEY/.test(content)) return `holds a private key, which machines must not get; ${wayOut}`;
  return /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n[^-]*[A-Za-z0-9+/=]{20,}[^-]*-----END PGP PUBLIC KEY BLOCK-----/.test(
    content,
  )
    ? undefined
    : `is no public key of OpenPGP in ASCII armour; ${wayOut}`;
};

/** TCP-MD5 takes 80 bytes, and BIRD's configuration knows no way to write a quote or a line break. */
export const bgpPassword: Rule = (password) => {
  if (password.length > 80) return `has ${password.length} characters; TCP-MD5 takes 80`;
  if (/[\r\n]/.test(password)) return "has a line break, perhaps at its end (`printf` writes none, `echo` does)";
  return /^[\x20\x21\x23-\x7e]+$/.test(password)
    ? undefined
    : "has a double quote or a character that is not ASCII, which BIRD's configuration cannot hold";
};
