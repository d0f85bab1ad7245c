import type { NodeFilesArgs } from "../machine/node-files";

/** Programs that a setting needs on control planes, and how to do without. */
export interface NeededPrograms {
  readonly programs: readonly string[];
  readonly for: string;
  readonly otherwise: string;
}

/** Refuses a control plane without them, before files are written there: its image may be older than the setting. */
export function hasPrograms(needed: NeededPrograms): NodeFilesArgs["before"] {
  return { script: "kubeadm/has-programs.sh", stdin: JSON.stringify(needed) };
}
