import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { userName } from "../../node-config/values/names";
import { run } from "../run";

/** A machine as somebody names it: `debian@203.0.113.7:2222=SHA256:…`. */
export interface NamedMachine {
  /** The words themselves, for messages. */
  readonly words: string;
  readonly user: string;
  readonly host: string;
  readonly port: number;
  /** Fingerprint of its ed25519 host key, as `ssh-keygen -lf` prints it. */
  readonly fingerprint?: string;
}

/** A machine whose host key is known to be its own. */
export interface PinnedMachine extends NamedMachine {
  readonly fingerprint: string;
  /** Its IPv4 address for ssh. */
  readonly address: string;
  /** `ssh-ed25519 AAAA…` */
  readonly hostKey: string;
}

const form = /^(?:([^@\s]+)@)?([A-Za-z0-9.-]+?)(?::(\d{1,5}))?(?:=(SHA256:[A-Za-z0-9+/]{43}))?$/;

/** @throws Error that names every word that is no machine */
export function machinesIn(text: string): NamedMachine[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const problems: string[] = [];
  const machines = words.map((word) => {
    const [, user = "root", host = "", port = "22", fingerprint] = form.exec(word) ?? [];
    if (host === "" || userName(user) || Number(port) > 65535 || Number(port) === 0)
      problems.push(`${word}: is no machine; write user@address, user@address:port or user@address=SHA256:…`);
    return { words: word, user, host, port: Number(port), ...(fingerprint ? { fingerprint } : {}) };
  });
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return machines;
}

/**
 * Asks a machine for its ed25519 host key, which proves nothing yet: compare the fingerprint.
 *
 * @throws Error that says why there is none
 */
export async function shownKey({ words, host, port }: NamedMachine): Promise<{ address: string; hostKey: string }> {
  const { address } = await lookup(host, 4).catch(() => {
    throw new Error(`${words}: ${host} has no IPv4 address; write the address itself`);
  });
  const shown = await run("ssh-keyscan", ["-T", "10", "-t", "ed25519", "-p", String(port), address]).catch(() => "");
  const [, hostKey] = /^\S+ (ssh-ed25519 \S+)$/m.exec(shown) ?? [];
  if (!hostKey) {
    throw new Error(
      `${words}: no sshd with an ed25519 host key answers at ${address} port ${port}; see whether it is up (ssh -p ${port} ${host}), and make that key there with ssh-keygen -A`,
    );
  }
  return { address, hostKey };
}

/** As `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints it on the machine. */
export function fingerprintOf(hostKey: string): string {
  const blob = Buffer.from(hostKey.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}
