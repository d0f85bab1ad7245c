import { existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "../cache";
import { asRoot, run } from "../run";
import type { Supply } from "../supply/supply";

/**
 * Whether KVM on this machine boots Debian's kernel: it runs until it misses a root file system, and says so. A KVM that
 * is there and doesn't work, as where clouds nest it badly, hangs instead, so a deadline decides. The answer is kept
 * until this machine boots again.
 */
export async function kvmBootsGuests(supply: Supply, device = "/dev/kvm"): Promise<boolean> {
  if (!existsSync(device)) return false;
  const bootId = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  const kept = await cached("kvm", [bootId, supply.directory], async (directory) => {
    await writeFile(join(directory, "console"), await consoleOfGuest(await kernelOf(supply, directory)));
  });
  return (await readFile(join(kept, "console"), "utf8")).includes("Unable to mount root fs");
}

/** Unpacks the kernel of the supply's node image. */
async function kernelOf(supply: Supply, directory: string): Promise<string> {
  const pool = join(supply.directory, "apt/pool");
  const deb = (await readdir(pool)).find((file) => /^linux-image-\d.*-cloud-amd64_/.test(file));
  if (!deb) throw new Error(`there is no kernel in ${pool}; make the supply again (make supply)`);
  await run("sh", [
    "-euc",
    'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --wildcards --strip-components=2 "./boot/vmlinuz-*"',
    "sh",
    join(pool, deb),
    directory,
  ]);
  const kernel = (await readdir(directory)).find((file) => file.startsWith("vmlinuz-"));
  return join(directory, kernel ?? "");
}

/** What a guest with that kernel and nothing else prints until it ends, for 15 seconds at most. */
async function consoleOfGuest(kernel: string): Promise<string> {
  const guest = ["-accel", "kvm", "-cpu", "host", "-m", "256", "-nodefaults", "-display", "none", "-no-reboot"];
  const boot = ["-serial", "stdio", "-kernel", kernel, "-append", "console=ttyS0 panic=-1"];
  try {
    return await asRoot("timeout", "--kill-after=5", "15", "qemu-system-x86_64", ...guest, ...boot);
  } catch (error) {
    return (error as { stdout?: string }).stdout ?? "";
  }
}
