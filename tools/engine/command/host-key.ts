import type { ServerHostKeyAlgorithm } from "ssh2";
import { utils } from "ssh2";

export interface HostKey {
  /** The public key in SSH's wire format. */
  readonly key: Buffer;
  /** What to ask the server for, so that it shows this key and not one of another type. */
  readonly algorithms: ServerHostKeyAlgorithm[];
}

/** Reads a line of `authorized_keys` or `ssh_host_*_key.pub`: type, key in base64, comment. */
export function parseHostKey(text: string): HostKey {
  const parsed = utils.parseKey(text.trim());
  if (parsed instanceof Error || parsed.isPrivateKey()) throw new Error("failed to parse host key: ssh: no key found");
  return { key: parsed.getPublicSSH(), algorithms: signaturesOf(parsed.type) };
}

/** An RSA key signs with SHA-2: OpenSSH has refused the signature called ssh-rsa, which is SHA-1, since 8.8. */
function signaturesOf(type: string): ServerHostKeyAlgorithm[] {
  return type === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [type as ServerHostKeyAlgorithm];
}
