import type * as pulumi from "@pulumi/pulumi";

/** Where a machine's sshd listens, and who logs in. */
interface Login {
  readonly host: pulumi.Input<string>;
  /** @default 22 */
  readonly port?: pulumi.Input<number>;
  /** @default root */
  readonly user?: pulumi.Input<string>;
  /** Of OpenSSH, without a passphrase. */
  readonly privateKey?: pulumi.Input<string>;
  /** The key that the machine must show, as in `ssh-ed25519 AAAA…`, so that no other machine can answer for it. */
  readonly hostKey?: pulumi.Input<string>;
}

/** How a hypervisor or a node is reached over SSH: always by a `privateKey`, and with a `hostKey`. */
export type Connection = pulumi.Input<
  Login & {
    /** Machine to go through. */
    readonly proxy?: pulumi.Input<Login>;
    /** Attempts that may fail before the last one; -1 for any number. @default 10 */
    readonly dialErrorLimit?: pulumi.Input<number>;
    /** Seconds that an attempt waits for an answer. @default 15 */
    readonly perDialTimeout?: pulumi.Input<number>;
  }
>;

/** Attempts that cover a reboot: 100 ms × 1.5, at most 5 s apart, so 70 attempts are about five minutes. */
export const dialsPerReboot = 70;

/**
 * How long one attempt waits for an answer. A machine that boots does not answer at all, so most of the default of 15 s
 * would be lost.
 */
export const dialSeconds = 5;

/** Before a command: becomes root where the login user is not; a hypervisor reached as root needs no sudo. */
export const asRoot = '$([ "$(id -u)" = 0 ] || echo sudo -n)';
