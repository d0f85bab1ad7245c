import * as pulumi from "@pulumi/pulumi";
import { commandsAfterWriting } from "../../node-config/restarts";
import { type SysctlProfileName, sysctlFiles } from "../../node-config/sysctl";
import type { Connection } from "../machine/connection";
import { NodeFiles } from "../machine/node-files";

export interface SysctlProfileArgs {
  readonly connection: Connection;
  /** Profiles that add up, from `node-config/profiles/`. @default ["base"] */
  readonly profiles?: readonly SysctlProfileName[];
}

/**
 * Kernel settings of one node, applied now and at every boot. In a profile each setting is either exact or a floor,
 * which raises a lower value and leaves a higher one.
 *
 * A setting that leaves a profile keeps its value until the node restarts: its earlier value is not recorded.
 */
export class SysctlProfile extends pulumi.ComponentResource {
  readonly digest: pulumi.Output<string>;

  constructor(name: string, args: SysctlProfileArgs, opts?: pulumi.ComponentResourceOptions) {
    const { connection, profiles = ["base"] } = args;
    super("kjerne:node:SysctlProfile", name, { profiles }, opts);

    const settings = sysctlFiles(profiles);
    const files = new NodeFiles(
      `${name}-files`,
      { connection, files: settings, onChange: commandsAfterWriting(settings) },
      { parent: this },
    );

    this.digest = files.digest;
    this.registerOutputs({ digest: this.digest });
  }
}
