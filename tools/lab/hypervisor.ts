import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory } from "../cache";
import { run } from "../run";
import type { Machine } from "./machine";
import { type LabAddresses, labFiles } from "./plan";
import { untilSucceeds } from "./until";

/** The machine that stands in for a hypervisor: sshd, libvirtd, a bridge, a storage pool. */
export async function hypervisor(lab: string): Promise<Machine> {
  const files = labFiles(lab);
  const images = join(cacheDirectory, "node-images");
  await mkdir(files.pool, { recursive: true });
  await mkdir(images, { recursive: true });

  return {
    role: "hypervisor",
    environment: {},
    files: {
      "/etc/ssh/authorized_keys": { content: await readFile(`${files.sshKey}.pub`, "utf8"), mode: "0600" },
      "/etc/ssh/host_key": { content: await readFile(files.hostKey, "utf8"), mode: "0600" },
    },
    // Node images are kept when a lab is removed; disks are not.
    shares: { [files.pool]: "/var/lib/kjerne/pool", [images]: "/var/lib/kjerne/images" },
    // The lab must not see this machine's own domains, networks and logs.
    emptied: ["/etc/libvirt", "/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt"],
    restartOnChange: false,
  };
}

/**
 * Runs a command on the hypervisor as the stack does: from this machine, by SSH, with the host key pinned and without
 * the user's own SSH configuration.
 */
export async function onHypervisor(lab: string, { hypervisor }: LabAddresses, command: string): Promise<string> {
  const files = labFiles(lab);
  const options = [
    ...["BatchMode=yes", "ConnectTimeout=5", "StrictHostKeyChecking=yes", "HostKeyAlias=hypervisor"],
    `UserKnownHostsFile=${files.knownHosts}`,
  ].flatMap((option) => ["-o", option]);
  return run("ssh", ["-F", "none", "-i", files.sshKey, ...options, `root@${hypervisor}`, command]);
}

/** Waits until the hypervisor accepts commands by SSH and its libvirt responds. */
export async function untilHypervisorAnswers(lab: string, addresses: LabAddresses): Promise<void> {
  await untilSucceeds(`libvirt on the hypervisor of lab ${lab}`, 60, () =>
    onHypervisor(lab, addresses, "virsh -c qemu:///system version"),
  );
}
