import * as pulumi from "@pulumi/pulumi";
import { type SysctlProfileName, sysctlFiles } from "../../node-config/sysctl";
import type { Connection } from "../machine/connection";
import { NodeFiles } from "../machine/node-files";

export interface SysctlProfileArgs {
  readonly connection: Connection;
  /** Profiles that add up, from `node-config/profiles/`. @default ["base"] */
  readonly profiles?: readonly SysctlProfileName[];
}

/**
 * Kernel settings of one node, at once and after every boot. A profile says for each whether its value is exact or a
 * floor that only ever raises.
 *
 * A setting that leaves a profile keeps its effect until the node restarts: the kernel doesn't know what it was before.
 */
export class SysctlProfile extends pulumi.ComponentResource {
  readonly digest: pulumi.Output<string>;

  constructor(name: string, args: SysctlProfileArgs, opts?: pulumi.ComponentResourceOptions) {
    const { connection, profiles = ["base"] } = args;
    super("kjerne:node:SysctlProfile", name, { profiles }, opts);

    const files = new NodeFiles(
      `${name}-files`,
      { connection, files: sysctlFiles(profiles), onChange: apply },
      { parent: this },
    );

    this.digest = files.digest;
    this.registerOutputs({ digest: this.digest });
  }
}

/** Modules first: settings of connection tracking exist only with theirs. */
const apply = [
  "modprobe nf_conntrack",
  "systemctl daemon-reload",
  "systemctl restart systemd-sysctl",
  "systemctl enable kjerne-sysctl-floors",
  "systemctl restart kjerne-sysctl-floors",
].join("\n");
