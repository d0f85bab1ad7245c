import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { run } from "../../tools/run";
import type { GuestImage } from "./image";

export interface GuestOptions {
  readonly image: GuestImage;
  /** Bash script that the guest runs in the place of systemd; each line that it writes to descriptor 3 is a result. */
  readonly script: string;
  /** Other files and folders that it finds beside itself, in its working directory. @default none */
  readonly files?: readonly string[];
  /** @default 1024 */
  readonly memoryMiB?: number;
  /** When it is ended. @default 30 */
  readonly deadlineMinutes?: number;
  readonly say: (line: string) => void;
}

/**
 * Runs a script in a guest whose clock counts instructions: one nanosecond for each, whatever else this machine does, and
 * none while it waits. So two runs of the same give the same, and a time inside the guest is a count.
 * https://www.qemu.org/docs/master/devel/tcg-icount.html
 *
 * @returns what the script wrote to its descriptor 3, each line a JSON value
 * @throws Error with the end of the guest's console, if the script did not succeed
 */
export async function runInGuest(options: GuestOptions): Promise<unknown[]> {
  const directory = await mkdtemp(join(tmpdir(), "kjerne-bench-"));
  try {
    const disk = await scriptDisk(directory, [join(__dirname, "start.sh"), options.script, ...(options.files ?? [])]);
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
async function scriptDisk(directory: string, files: readonly string[]): Promise<string> {
  const content = join(directory, "content");
  await mkdir(content);
  for (const [at, file] of files.entries()) {
    await cp(file, join(content, at === 1 ? "run.sh" : basename(file)), { recursive: true });
  }
  const disk = join(directory, "script.raw");
  await run("mkfs.ext4", ["-q", "-d", content, disk, "512M"]);
  return disk;
}

async function guest({ image, memoryMiB = 1024, deadlineMinutes = 30, say }: GuestOptions, disk: string, log: string) {
  const drive = (file: string) => ["-drive", `file=${file},format=raw,if=virtio,snapshot=on`];
  const start = "mount /dev/vdb /mnt && exec bash /mnt/start.sh";
  const argv = [
    ...["--pdeathsig", "KILL", "timeout", "--kill-after=5", `${deadlineMinutes}m`, "qemu-system-x86_64"],
    ...["-accel", "tcg,thread=single", "-icount", "shift=0,sleep=off", "-smp", "1", "-m", `${memoryMiB}`],
    ...["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-cpu", "qemu64"],
    ...drive(image.disk),
    ...drive(disk),
    ...["-serial", `file:${log}`, "-serial", "stdio", "-kernel", image.kernel, "-initrd", image.initrd, "-append"],
    `console=ttyS0 quiet panic=-1 root=LABEL=root rw init=/bin/bash -- -c "${start}"`,
  ];
  const child = spawn("setpriv", argv, { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  createInterface(child.stdout).on("line", (line) => {
    const text = line.trim();
    if (text === "") return;
    lines.push(text);
    say(text);
  });
  const [code] = await once(child, "close");
  return { lines, code };
}
