import type { ServerHostKeyAlgorithm } from "ssh2";
import { utils } from "ssh2";

export interface HostKey {
  /** The public key in SSH's wire format. */
  readonly key: Buffer;
  /**
   * Algorithms to offer the server: only this key's own, or it may present a key of another type. Of an RSA key that is
   * `ssh-rsa`, which OpenSSH has refused since 8.8: the official provider can't pin one either.
   */
  readonly algorithms: ServerHostKeyAlgorithm[];
}

/**
 * Parses a public key as in `ssh_host_*_key.pub`: type, key in base64, optional comment. @throws Error if it is none
 */
export function parseHostKey(text: string): HostKey {
  const parsed = utils.parseKey(text.trim());
  if (parsed instanceof Error || parsed.isPrivateKey()) throw new Error("failed to parse host key: ssh: no key found");
  return { key: parsed.getPublicSSH(), algorithms: [parsed.type as ServerHostKeyAlgorithm] };
}
