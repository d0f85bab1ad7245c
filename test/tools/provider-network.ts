import { type Run, UnreachableError } from "../../components/verify/run";
import { sentScript } from "../../components/verify/send";
import { asRoot, rootCommand, run } from "../../tools/run";

/** Network namespace of a machine, or of the network between them. */
export const name = (what: string) => `kjerne-trial-${process.pid}-${what}`;
const network = name("net");
/** Two control planes and a worker on a bridge, which is the provider's network; and a worker behind its router. */
export const machines = { cp1: "10.20.0.11", cp2: "10.20.0.12", worker1: "10.20.0.21", far: "10.20.1.21" };
export type Machine = keyof typeof machines;

export async function makeNetwork(): Promise<void> {
  await asRoot("ip", "netns", "add", network);
  for (const [bridge, address] of Object.entries({ br0: "10.20.0.1/24", br1: "10.20.1.1/24" })) {
    await asRoot("ip", "-n", network, "link", "add", bridge, "up", "type", "bridge");
    await asRoot("ip", "-n", network, "address", "add", address, "dev", bridge);
  }
  await asRoot("ip", "netns", "exec", network, "sysctl", "--quiet", "--write", "net.ipv4.ip_forward=1");
  for (const [machine, address] of Object.entries(machines)) {
    const [own, isFar] = [name(machine), machine === "far"];
    await asRoot("ip", "netns", "add", own);
    await asRoot("ip", "-n", own, "link", "set", "lo", "up");
    await asRoot("ip", "-n", own, "link", "add", "eth0", "type", "veth", "peer", "name", machine, "netns", network);
    await asRoot("ip", "-n", network, "link", "set", machine, "up", "master", isFar ? "br1" : "br0");
    await asRoot("ip", "-n", own, "address", "add", `${address}/24`, "dev", "eth0");
    await asRoot("ip", "-n", own, "link", "set", "eth0", "up");
    await asRoot("ip", "-n", own, "route", "add", "default", "via", isFar ? "10.20.1.1" : "10.20.0.1");
  }
}

export async function removeNetwork(): Promise<void> {
  for (const place of [...Object.keys(machines).map(name), network]) await asRoot("ip", "netns", "delete", place);
}

/** Runs a script of the trial on a machine. */
export const onMachine: Run = async (machine, script, stdin) => {
  if (!(machine in machines)) throw new UnreachableError(`ssh: connect to host ${machine}: No route to host`);
  const inside = ["ip", "netns", "exec", name(machine)] as const;
  const [program, ...args] = rootCommand([...inside, "bash", "-c", await sentScript(script), script]);
  return run(program, args, { input: stdin });
};

/** Runs `look` while the provider's network has these rules of nftables. */
export async function under<T>(rules: string, look: () => Promise<T>): Promise<T> {
  const [program, ...args] = rootCommand(["ip", "netns", "exec", network, "nft", "--file", "-"]);
  await run(program, args, { input: rules });
  try {
    return await look();
  } finally {
    await run(program, args, { input: "flush ruleset" });
  }
}
const rulesOf = (family: string, rules: readonly string[]) =>
  [
    `add table ${family} provider`,
    `add chain ${family} provider forward { type filter hook forward priority 0; }`,
    ...rules.map((rule) => `add rule ${family} provider forward ${rule}`),
  ].join("\n");
export const bridged = (...rules: string[]) => rulesOf("bridge", rules);
export const routed = (...rules: string[]) => rulesOf("inet", rules);
