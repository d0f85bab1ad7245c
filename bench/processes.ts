import { readdirSync, readFileSync } from "node:fs";

/** Process id → id of its parent, of all processes of this machine. */
type Parents = ReadonlyMap<number, number>;

/** A process and all that it started, directly or not. */
export function processTree(root: number): number[] {
  const parents: Parents = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), Number(fieldsOf(Number(name))?.[1])]),
  );
  const below = (pid: number): number[] => [
    pid,
    ...[...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => below(child)),
  ];
  return below(root);
}

/** User and system time so far, in seconds: fields 14 and 15 of proc(5), `stat`. Undefined for a process that has ended. */
export function processorSecondsOf(pid: number): number | undefined {
  const fields = fieldsOf(pid);
  return fields && (Number(fields[11]) + Number(fields[12])) / 100;
}

/**
 * Processor time of all children of this process that have ended, and of theirs that they waited for, in seconds.
 * Fields 16 and 17.
 */
export function secondsOfEndedChildren(): number {
  const fields = fieldsOf(process.pid) ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** The most memory that it has held at once, in MB (`VmHWM`). Undefined for a process that has ended. */
export function peakMegabytesOf(pid: number): number | undefined {
  const kibibytes = readProc(pid, "status")?.match(/^VmHWM:\s+(\d+) kB$/m)?.[1];
  return kibibytes ? (Number(kibibytes) * 1024) / 1e6 : undefined;
}

/** Its command line. Empty for a process that has ended. */
export function commandLineOf(pid: number): string {
  return readProc(pid, "cmdline")?.replaceAll("\0", " ") ?? "";
}

/** Fields after the name in /proc/<pid>/stat. */
function fieldsOf(pid: number): string[] | undefined {
  return readProc(pid, "stat")?.split(") ").at(-1)?.split(" ");
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined; // It ended between the two reads.
  }
}
