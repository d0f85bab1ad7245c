import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LabAddresses, namespaceOf } from "../../../tools/lab/plan";
import { asRoot, rootCommand } from "../../../tools/run";

/** A BGP speaker like a node's, on the lab's bridge, in its own network namespace. */
export class Neighbour {
  private constructor(
    private readonly namespace: string,
    private readonly directory: string,
    private readonly daemon: ChildProcess,
  ) {}

  /** @param host Last octet of its address in the node network; its pod has the address 10.244.<host>.1. */
  static async start(lab: string, { nodeNetwork, router }: LabAddresses, host: number, password: string) {
    const address = nodeNetwork.replace("0/24", `${host}`);
    const namespace = `${lab}-node${host}`;
    const hypervisor = namespaceOf(lab, "hypervisor");
    const port = `node${host}`;
    await asRoot("ip", "netns", "add", namespace);
    await asRoot(
      "ip",
      "-n",
      hypervisor,
      "link",
      "add",
      port,
      "type",
      "veth",
      "peer",
      "name",
      "eth0",
      "netns",
      namespace,
    );
    await asRoot("ip", "-n", hypervisor, "link", "set", port, "master", "br0", "up");
    await asRoot("ip", "-n", namespace, "address", "add", `${address}/24`, "dev", "eth0");
    await asRoot("ip", "-n", namespace, "address", "add", `10.244.${host}.1/32`, "dev", "lo");
    await asRoot("ip", "-n", namespace, "link", "set", "lo", "up");
    await asRoot("ip", "-n", namespace, "link", "set", "eth0", "up");
    await asRoot("ip", "-n", namespace, "route", "add", "default", "via", router);

    const directory = await mkdtemp(join(tmpdir(), "kjerne-neighbour-"));
    await copyFile(join(__dirname, "neighbour.conf"), join(directory, "bird.conf"));
    const constants = { ADDRESS: address, ROUTER: router, POD_ROUTE: `10.244.${host}.0/26` };
    const defines = Object.entries(constants).map(([name, value]) => `define ${name} = ${value};\n`);
    await writeFile(join(directory, "constants.conf"), defines.join(""));
    await writeFile(join(directory, "password.conf"), `password "${password}";\n`, { mode: 0o600 });
    const bird = ["bird", "-f", "-c", join(directory, "bird.conf"), "-s", join(directory, "bird.ctl")];
    const [program, ...args] = rootCommand(["ip", "netns", "exec", namespace, ...bird]);
    return new Neighbour(namespace, directory, spawn(program, args, { stdio: "ignore" }));
  }

  /** Details of the session with the router, as printed by its own BIRD. */
  async session(): Promise<string> {
    return asRoot("birdc", "-s", join(this.directory, "bird.ctl"), "show", "protocols", "all", "uplink");
  }

  async stop(): Promise<void> {
    if (this.daemon.exitCode === null) {
      const ended = once(this.daemon, "exit");
      await asRoot("birdc", "-s", join(this.directory, "bird.ctl"), "down");
      await ended;
    }
    await asRoot("ip", "netns", "delete", this.namespace);
    await rm(this.directory, { recursive: true });
  }
}
