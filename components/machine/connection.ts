import type { types } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

/** How a hypervisor or a node is reached over SSH. `hostKey` is always set, so no other machine can answer for it. */
export type Connection = pulumi.Input<types.input.remote.ConnectionArgs>;

/** Attempts that cover a reboot: 100 ms × 1.5, at most 5 s apart, so 70 attempts are about five minutes. */
export const dialsPerReboot = 70;

/**
 * How long one attempt waits for an answer. A machine that boots does not answer at all, so most of the provider's
 * default of 15 s would be lost.
 */
export const dialSeconds = 5;

/** Before a command: becomes root where the login user is not; a hypervisor reached as root needs no sudo. */
export const asRoot = '$([ "$(id -u)" = 0 ] || echo sudo -n)';
