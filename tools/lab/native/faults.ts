import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asRoot } from "../../run";
import { ipJson, namespaces } from "../namespaces";
import { type LabAddresses, labFiles, namespaceOf, nodeNamespaceOf } from "../plan";
import { until } from "../until";
import { powerOn, untilNodeAnswers } from "./node";
import { ensureNodeEnded, insideNode, nodeInitOf } from "./node-processes";

/** Starts a node that is down. Does nothing if it runs. */
export async function start(lab: string, addresses: LabAddresses, name: string): Promise<void> {
  await powerOn(lab, name);
  if (!isUnplugged(lab, name)) await untilNodeAnswers(lab, addresses, name);
}

/** Reboots a node as its operator would, and waits until it is up again. @throws Error if the node is down */
export async function restart(lab: string, addresses: LabAddresses, name: string): Promise<void> {
  const bootId = () => insideNode(lab, name, "cat", "/proc/sys/kernel/random/boot_id");
  const before = await bootId();
  // systemd takes it as `systemctl reboot`, and before D-Bus runs too.
  await asRoot("kill", "-s", "RTMIN+5", String(await nodeInitOf(lab, name)));
  await until(`node ${name} of lab ${lab} to boot again`, 180, async () => (await bootId()) !== before);
  await start(lab, addresses, name);
}

/**
 * Cuts a node's power: it falls silent at once and none of its processes hears of it. What they had written stays, even
 * without fsync: the kernel that holds it is this machine's. `start` brings the node back.
 */
export async function cutPower(lab: string, name: string): Promise<void> {
  const card = await cardOf(lab, name);
  // The card first: a network namespace answers ARP and ping as long as it exists.
  if (card) await asRoot("ip", "-n", namespaceOf(lab, "hypervisor"), "link", "delete", name);
  await ensureNodeEnded(lab, name);
  const namespace = nodeNamespaceOf(lab, name);
  if ((await namespaces()).includes(namespace)) await asRoot("ip", "netns", "delete", namespace);
}

/** Pulls a node's network cable: its card has no carrier, and the node runs on. The cable stays out over restarts. */
export async function unplug(lab: string, name: string): Promise<void> {
  await writeFile(cableFile(lab, name), "");
  if (await cardOf(lab, name)) await asRoot("ip", "-n", namespaceOf(lab, "hypervisor"), "link", "set", name, "down");
}

/** Plugs a node's network cable in again. */
export async function plug(lab: string, name: string): Promise<void> {
  await rm(cableFile(lab, name), { force: true });
  if (await cardOf(lab, name)) await asRoot("ip", "-n", namespaceOf(lab, "hypervisor"), "link", "set", name, "up");
}

/** Whether a node's network cable is pulled. */
export function isUnplugged(lab: string, name: string): boolean {
  return existsSync(cableFile(lab, name));
}

/**
 * Fills a node's disk, which is what lies below /var, to its last block: kubelet, containerd and etcd get ENOSPC. It takes
 * up no room on this machine. @throws Error if the node is down
 */
export async function fillDisk(lab: string, name: string): Promise<void> {
  const script = `mkdir -p ${ballast} && cd ${ballast}
    free() { df --output=avail --block-size="$1" . | tail -n 1; }
    if [ "$(free 1M)" -gt 8 ]; then fallocate --length "$(($(free 1M) - 8))M" "most-$(date +%s)"; fi
    # What is left, in pieces that get smaller.
    cat /dev/zero >"rest-$(date +%s)" || true
    count=0
    while echo >"$count"; do count=$((count + 1)); done
    if [ "$(free 1K)" -gt 64 ]; then echo "there are still $(free 1K) KiB free" >&2; exit 1; fi`;
  await insideNode(lab, name, "sh", "-euc", script);
}

/** Removes what `fillDisk` has written. @throws Error if the node is down */
export async function freeDisk(lab: string, name: string): Promise<void> {
  await insideNode(lab, name, "rm", "--recursive", "--force", ballast);
}

const ballast = "/var/lab-ballast";

const cableFile = (lab: string, name: string) => join(labFiles(lab).node(name), "unplugged");

/** The lab's end of a node's cable. Undefined while the node is down. */
async function cardOf(lab: string, name: string): Promise<object | undefined> {
  const links = await ipJson<{ ifname: string }>("-n", namespaceOf(lab, "hypervisor"), "link", "show", "type", "veth");
  return links.find(({ ifname }) => ifname === name);
}
