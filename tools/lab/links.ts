import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { asRoot } from "../run";
import { ipJson } from "./namespaces";
import { type LabAddresses, labAddresses, labFiles, namespaceOf, uplinkPrefix } from "./plan";

interface Link {
  readonly ifname: string;
}

/**
 * Claims the lab's index by making its uplink. The kernel refuses a second link of the same name, so two labs that
 * start at the same time can't get the same index, and there is no register that could outlive a lab. The lab's state
 * keeps the index, since addresses in the stack follow from it.
 *
 * @throws Error if all indexes are taken, or if another lab took this lab's while it was down
 */
export async function claimIndex(lab: string): Promise<number> {
  const { index: file } = labFiles(lab);
  const claimed = await claimedIndex(lab);
  const kept = existsSync(file) ? Number(await readFile(file, "utf8")) : undefined;
  if (claimed !== undefined) {
    await writeFile(file, `${claimed}\n`);
    return claimed;
  }

  const taken = (await ipJson<Link>("link", "show", "type", "veth")).map(({ ifname }) => ifname);
  const candidates = kept === undefined ? Array.from({ length: 256 }, (_, index) => index) : [kept];
  for (const index of candidates) {
    if (taken.includes(`${uplinkPrefix}${index}`)) continue;
    if (await addUplink(lab, index)) {
      await writeFile(file, `${index}\n`);
      return index;
    }
  }
  throw new Error(
    kept === undefined
      ? "lab: all 256 indexes are taken; stop a lab that is not needed (make lab-down)"
      : `lab ${lab}: its network 10.77.${kept}.0/24 was taken by another lab while it was down; stop that one, or this one for good (make lab-down)`,
  );
}

/** The index that the lab has now, read from the uplink in its router's namespace. Undefined if there is none. */
export async function claimedIndex(lab: string): Promise<number | undefined> {
  const present = (await ipJson<{ name: string }>("netns", "list")).some(
    ({ name }) => name === namespaceOf(lab, "router"),
  );
  if (!present) return undefined;
  const links = await ipJson<Link>("-n", namespaceOf(lab, "router"), "link", "show", "type", "veth");
  const uplink = links.find(({ ifname }) => ifname.startsWith(uplinkPrefix));
  return uplink && Number(uplink.ifname.slice(uplinkPrefix.length));
}

/** Makes the uplink. @returns false if another lab has made it first */
async function addUplink(lab: string, index: number): Promise<boolean> {
  const name = `${uplinkPrefix}${index}`;
  const peer = ["peer", "name", name, "netns", namespaceOf(lab, "router")];
  try {
    await asRoot("ip", "link", "add", name, "type", "veth", ...peer);
    return true;
  } catch (error) {
    if (String(error).includes("File exists")) return false;
    throw error;
  }
}

/** Joins the machines: makes missing links and the bridge, sets addresses and routes. No route leads out of the lab. */
export async function ensureLinks(lab: string, index: number): Promise<LabAddresses> {
  const lan = labAddresses(index);
  const [router, hypervisor, mirror] = [
    namespaceOf(lab, "router"),
    namespaceOf(lab, "hypervisor"),
    namespaceOf(lab, "mirror"),
  ];
  // A fixed MAC address: without one a bridge takes that of a port, which changes as ports are added and removed.
  const mac = `02:00:0a:4d:${index.toString(16).padStart(2, "0")}:02`;
  await ensureLink(hypervisor, "br0", ["address", mac, "type", "bridge"]);
  await ensureLink(hypervisor, "to-router", ["type", "veth", "peer", "name", "nodes", "netns", router]);
  await ensureLink(hypervisor, "to-mirror", ["type", "veth", "peer", "name", "nodes", "netns", mirror]);
  for (const port of ["to-router", "to-mirror"]) {
    await asRoot("ip", "-n", hypervisor, "link", "set", port, "master", "br0", "up");
  }

  // The fabric: nodes with a card there are plugged in, and nothing else is.
  await ensureLink(hypervisor, "fabric", ["mtu", "9000", "type", "bridge"]);
  await asRoot("ip", "-n", hypervisor, "link", "set", "fabric", "up");

  await address(hypervisor, "br0", `${lan.hypervisor}/24`);
  await address(router, "nodes", `${lan.router}/24`);
  await address(router, lan.uplink, `${lan.routerUplink}/30`);
  await address(mirror, "nodes", `${lan.mirror}/24`);
  await asRoot("ip", "address", "replace", `${lan.host}/30`, "dev", lan.uplink);
  await asRoot("ip", "link", "set", lan.uplink, "up");

  for (const namespace of [hypervisor, mirror]) {
    await asRoot("ip", "-n", namespace, "route", "replace", "default", "via", lan.router);
  }
  for (const network of [lan.nodeNetwork, lan.loadBalancers, `${lan.announcedEndpoint}/32`])
    await asRoot("ip", "route", "replace", network, "via", lan.routerUplink, "dev", lan.uplink);
  return lan;
}

/** Removes the host's end of the uplink now: the kernel does so only some time after the router's namespace ends. */
export async function removeUplink({ uplink }: LabAddresses): Promise<void> {
  await asRoot("ip", "link", "delete", uplink);
}

async function ensureLink(namespace: string, name: string, how: readonly string[]): Promise<void> {
  const links = await ipJson<Link>("-n", namespace, "link", "show");
  if (!links.some(({ ifname }) => ifname === name)) {
    await asRoot("ip", "-n", namespace, "link", "add", name, ...how);
  }
}

async function address(namespace: string, link: string, cidr: string): Promise<void> {
  await asRoot("ip", "-n", namespace, "address", "replace", cidr, "dev", link);
  await asRoot("ip", "-n", namespace, "link", "set", link, "up");
}
