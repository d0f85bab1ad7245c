import type { ServerHostKeyAlgorithm } from "ssh2";
import { utils } from "ssh2";

export interface HostKey {
  /** The public key in SSH's wire format. */
  readonly key: Buffer;
  /** Algorithms to offer the server: only this key's own, or it may present a key of another type. */
  readonly algorithms: ServerHostKeyAlgorithm[];
}

/**
 * Parses a public key as in `ssh_host_*_key.pub`: type, key in base64, optional comment. @throws Error if it is none
 */
export function parseHostKey(text: string): HostKey {
  const parsed = utils.parseKey(text.trim());
  if (parsed instanceof Error || parsed.isPrivateKey()) throw new Error("failed to parse host key: ssh: no key found");
  return { key: parsed.getPublicSSH(), algorithms: signaturesOf(parsed.type) };
}

/** An RSA key signs with SHA-2: OpenSSH has refused the signature called ssh-rsa, which is SHA-1, since 8.8. */
function signaturesOf(type: string): ServerHostKeyAlgorithm[] {
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type as ServerHostKeyAlgorithm];
}
