import { type FileSet, merge, readTree } from "./file-set";

/**
 * The folders of `node-config/profiles/`. `base` is for every node, `router` for nodes that speak BGP, `low-latency`
 * for workloads that exchange many small messages, such as MPI.
 */
export const sysctlProfiles = ["base", "router", "low-latency"] as const;
export type SysctlProfileName = (typeof sysctlProfiles)[number];

/** A kernel setting that a node must have while the cluster runs. */
export interface Sysctl {
  readonly key: string;
  readonly value: string;
  /** Whether `value` is a floor: a higher one is as good. */
  readonly atLeast: boolean;
}

/** Files of the profiles, and the systemd unit that raises settings to their floors. */
export function sysctlFiles(profiles: readonly SysctlProfileName[]): FileSet {
  return merge(readTree("sysctl-floors"), ...profiles.map((profile) => readTree(`profiles/${profile}`)));
}

/** The kernel settings in these files: exact values in /etc/sysctl.d, floors in /etc/kjerne/sysctl-floors.d. */
export function sysctlsIn(files: FileSet): Sysctl[] {
  return Object.entries(files).flatMap(([path, { content }]) => {
    const atLeast = path.startsWith("/etc/kjerne/sysctl-floors.d/");
    return atLeast || path.startsWith("/etc/sysctl.d/") ? settings(path, content).map((s) => ({ ...s, atLeast })) : [];
  });
}

function settings(path: string, content: string): { key: string; value: string }[] {
  return content
    .split("\n")
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const match = /^([a-z][\w./-]*) = (\S.*)$/.exec(line);
      if (!match) throw new Error(`node-config: ${path}: "${line}" is not written as "key = value"`);
      return { key: match[1] as string, value: match[2] as string };
    });
}
