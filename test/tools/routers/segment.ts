import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { untilSucceeds } from "../../../tools/lab/until";
import { asRoot } from "../../../tools/run";
import type { Place } from "./speakers";

export interface Route {
  readonly dst: string;
  readonly gateway?: string;
  readonly nexthops?: readonly { readonly gateway: string }[];
}

/** By whom routes to a destination lead. */
export function viaOf(routes: readonly Route[], destination: string): string[] {
  const found = routes.filter(({ dst }) => dst === destination);
  return found.flatMap(({ gateway, nexthops }) => gateway ?? nexthops?.map((one) => one.gateway) ?? []);
}

/** Machines on one segment, each in a namespace of its own; the bridge between them is the first one's. */
export class Segment {
  private readonly places = new Map<string, Place>();

  constructor(private readonly prefix: string) {}

  /** @param address With a prefix length. */
  async add(name: string, address: string): Promise<Place> {
    const namespace = `${this.prefix}-${name}`;
    const directory = await mkdtemp(join(tmpdir(), `${namespace}-`));
    const [first] = this.places.values();
    this.places.set(name, { namespace, directory });
    await asRoot("ip", "netns", "add", namespace);
    if (first) {
      const link = ["link", "add", name, "type", "veth", "peer", "name", "lan", "netns", namespace] as const;
      await asRoot("ip", "-n", first.namespace, ...link);
      await asRoot("ip", "-n", first.namespace, "link", "set", "dev", name, "master", "lan", "up");
    } else await asRoot("ip", "-n", namespace, "link", "add", "lan", "type", "bridge");
    await asRoot("ip", "-n", namespace, "address", "add", address, "dev", "lan");
    for (const one of ["lo", "lan"]) await asRoot("ip", "-n", namespace, "link", "set", one, "up");
    await asRoot("chmod", "0755", directory);
    return { namespace, directory };
  }

  /** The kernel's routes on one machine. */
  async routes(name: string): Promise<Route[]> {
    return JSON.parse(await asRoot("ip", "-n", this.places.get(name)?.namespace ?? "", "-j", "route", "show"));
  }

  async remove(): Promise<void> {
    for (const { namespace, directory } of this.places.values()) {
      await untilSucceeds(`the last process of ${namespace} to end`, 30, async () => {
        const left = (await asRoot("ip", "netns", "pids", namespace)).split("\n").filter(Boolean);
        if (left.length === 0) return;
        await asRoot("kill", "-KILL", ...left).catch(() => {}); // one may have ended since
        throw new Error(`${left.length} are left`);
      });
      await asRoot("ip", "netns", "delete", namespace);
      await rm(directory, { recursive: true, force: true });
    }
  }
}
