import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { FileSet } from "../../node-config/file-set";
import { run } from "../../tools/run";
import type { GuestImage } from "./image";

export interface GuestOptions {
  readonly image: GuestImage;
  /** Bash script that the guest runs in the place of systemd; each line that it writes to descriptor 3 is a result. */
  readonly script: string;
  /** Files and folders of this machine that it finds in its working directory, beside itself. @default none */
  readonly copies?: readonly string[];
  /** Folders of this machine that it finds there under another name, links followed. @default none */
  readonly folders?: Readonly<Record<string, string>>;
  /** What else it finds there, by path. @default none */
  readonly files?: FileSet;
  /** More of QEMU's arguments, such as a disk. @default none */
  readonly devices?: readonly string[];
  /** @default 1024 */
  readonly memoryMiB?: number;
  /**
   * Whether its clock counts instructions. Without, it has two processors and is faster, and reaches this machine's
   * loopback at 10.0.2.2. @default true
   */
  readonly counts?: boolean;
  /** When it is ended. @default 30 */
  readonly deadlineMinutes?: number;
  readonly say: (line: string) => void;
}

/**
 * Runs a script in an emulated guest whose clock counts instructions: one nanosecond for each, whatever else this machine does, and
 * none while it waits. So two runs of the same give the same, and a time inside the guest is a count.
 * https://www.qemu.org/docs/master/devel/tcg-icount.html
 *
 * @returns what the script wrote to its descriptor 3, each line a JSON value
 * @throws Error with the end of the guest's console, if the script did not succeed
 */
export async function runInGuest(options: GuestOptions): Promise<unknown[]> {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-bench-"));
  try {
    const disk = await scriptDisk(directory, options);
    const console = join(directory, "console");
    const { lines, code } = await guest(options, disk, console);
    if (lines.at(-1) !== "done") {
      const end = (await readFile(console, "utf8")).trimEnd().split("\n").slice(-15).join("\n");
      throw new Error(`the guest of ${basename(options.script)} ended before its script (QEMU: ${code}):\n${end}`);
    }
    return lines.slice(0, -1).map((line) => JSON.parse(line));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A second disk, with the script as `run.sh`. */
async function scriptDisk(
  directory: string,
  { script, copies = [], folders = {}, files = {} }: GuestOptions,
): Promise<string> {
  const content = join(directory, "content");
  await mkdir(content);
  await cp(join(__dirname, "start.sh"), join(content, "start.sh"));
  await cp(script, join(content, "run.sh"));
  for (const path of copies) await cp(path, join(content, basename(path)), { recursive: true });
  for (const [name, path] of Object.entries(folders)) {
    await cp(path, join(content, name), { recursive: true, dereference: true });
  }
  for (const [path, { content: text, mode }] of Object.entries(files)) {
    await mkdir(join(content, dirname(path)), { recursive: true });
    await writeFile(join(content, path), text, { mode: Number.parseInt(mode, 8) });
  }
  const disk = join(directory, "script.raw");
  await run("mkfs.ext4", ["-q", "-L", "script", "-d", content, disk, "512M"]);
  return disk;
}

const counting = ["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-smp", "1"];
const fast = ["-accel", "tcg,thread=multi", "-smp", "2", "-nic", "user,model=virtio-net-pci"];

async function guest(options: GuestOptions, disk: string, log: string) {
  const { image, devices = [], memoryMiB = 1024, counts = true, deadlineMinutes = 30, say } = options;
  const drive = (file: string) => ["-drive", `file=${file},format=raw,if=virtio,snapshot=on`];
  const start = "mount -L script /mnt && exec bash /mnt/start.sh";
  const argv = [
    ...["--pdeathsig", "KILL", "timeout", "--kill-after=5", `${deadlineMinutes}m`, "qemu-system-x86_64"],
    ...(counts ? counting : fast),
    ...["-m", `${memoryMiB}`, "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-cpu", "qemu64"],
    ...drive(image.disk),
    ...drive(disk),
    ...devices,
    ...["-serial", `file:${log}`, "-serial", "stdio", "-kernel", image.kernel, "-initrd", image.initrd, "-append"],
    `console=ttyS0 quiet panic=-1 root=LABEL=root rw init=/bin/bash -- -c "${start}"`,
  ];
  const child = spawn("setpriv", argv, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  createInterface(child.stdout).on("line", (line) => {
    const text = line.trim();
    if (text === "") return;
    lines.push(text);
    say(text.slice(0, 160));
  });
  const [code] = await once(child, "close");
  return { lines, code };
}
