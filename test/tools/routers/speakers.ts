import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { birdConfig, birdPasswordFile } from "../../../node-config/routers/bird";
import type { RouterFacts } from "../../../node-config/routers/facts";
import { frrConfig, frrPasswordMark } from "../../../node-config/routers/frr";
import { asRoot } from "../../../tools/run";

/** What a node announces: its own block, what it passes on with another next hop, and what no node should. */
export interface PlayedNode {
  readonly address: string;
  readonly asNumber: number;
  readonly router: { readonly address: string; readonly asNumber: number };
  readonly password: string;
  /** @default - nothing */
  readonly announces?: readonly string[];
  /** @default - nothing */
  readonly passesOn?: Readonly<Record<string, string>>;
  /** Whether it announces the addresses of its interfaces, too. BIRD alone. @default false */
  readonly direct?: boolean;
}

/** A daemon that speaks BGP, in a namespace and a directory of its own. */
export interface Speaker {
  /** Addresses of neighbours with whom a session is Established. */
  established(): Promise<string[]>;
  /** Ends at once, and the kernel tells its neighbours. */
  kill(): Promise<void>;
  /** Says nothing any more, and nobody tells its neighbours, as after a power cut. */
  freeze(): Promise<void>;
}

export interface Place {
  readonly namespace: string;
  readonly directory: string;
}

/** A kind of daemon: as a router with the configuration that is rendered for it, and as a node by one of this test. */
export interface Kind {
  router(place: Place, facts: RouterFacts, password: string): Promise<Speaker>;
  node(place: Place, node: PlayedNode): Promise<Speaker>;
}

export const bird: Kind = {
  async router(place, facts, password) {
    await writeFile(join(place.directory, birdPasswordFile), `define kjerne_password = "${password}";\n`);
    return startBird(place, birdConfig(facts));
  },
  node: (place, node) => startBird(place, birdNode(node)),
};

export const frr: Kind = {
  router: (place, facts, password) => startFrr(place, frrConfig(facts).replaceAll(frrPasswordMark(facts), password)),
  node: (place, node) => startFrr(place, frrNode(node)),
};

async function startBird({ namespace, directory }: Place, config: string): Promise<Speaker> {
  const [file, socket, pid] = ["bird.conf", "bird.ctl", "bird.pid"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(file, config);
  await asRoot("ip", "netns", "exec", namespace, "bird", "-c", file, "-s", socket, "-P", pid);
  return {
    async established() {
      const shown = await asRoot("birdc", "-r", "-s", socket, "show", "protocols", "all");
      return shown
        .split("\n\n")
        .filter((one) => /^\S+ +BGP .* Established/m.test(one))
        .map((one) => /Neighbor address: (\S+)/.exec(one)?.[1] ?? "");
    },
    kill: () => signal("KILL", pid),
    freeze: () => signal("STOP", pid),
  };
}

/** Sockets and files of its daemons lie in the directory, which is theirs. */
async function startFrr({ namespace, directory }: Place, config: string): Promise<Speaker> {
  await writeFile(join(directory, "frr.conf"), config);
  await writeFile(join(directory, "vtysh.conf"), "");
  await asRoot("chown", "frr:frr", directory);
  const names = ["zebra", "staticd", "bgpd"];
  const daemons = names.map((name) => join(directory, `${name}.pid`));
  const own = ["--vty_socket", directory];
  const apart = ["-z", join(directory, "zserv.api"), "-A", "127.0.0.1", "-P", "0", ...own];
  for (const [at, daemon] of names.entries()) {
    const pid = daemons[at] as string;
    await asRoot("ip", "netns", "exec", namespace, `/usr/lib/frr/${daemon}`, "--daemon", "-i", pid, ...apart);
  }
  await asRoot("vtysh", "--config_dir", directory, ...own, "-b");
  return {
    async established() {
      const shown = JSON.parse(await asRoot("vtysh", ...own, "-c", "show bgp ipv4 unicast summary json"));
      const peers = Object.entries((shown.peers ?? {}) as Record<string, { state: string }>);
      return peers.filter(([, { state }]) => state === "Established").map(([address]) => address);
    },
    kill: () => signal("KILL", ...[...daemons].reverse()),
    freeze: () => signal("STOP", ...daemons),
  };
}

async function signal(name: "KILL" | "STOP", ...pidFiles: readonly string[]): Promise<void> {
  for (const file of pidFiles) await asRoot("kill", `-${name}`, (await readFile(file, "utf8")).trim());
}

function birdNode({
  address,
  asNumber,
  router,
  password,
  announces = [],
  passesOn = {},
  direct = false,
}: PlayedNode): string {
  const changed = Object.entries(passesOn).map(([net, hop]) => `if net = ${net} then bgp_next_hop = ${hop};`);
  return `router id ${address};
protocol device { }
protocol kernel { ipv4 { import none; export where source = RTS_BGP; }; }
${direct ? "protocol direct { ipv4; }\n" : ""}protocol static {
  ipv4;
${[...announces, ...Object.keys(passesOn)].map((net) => `  route ${net} unreachable;\n`).join("")}}
protocol bgp tor {
  local ${address} as ${asNumber};
  neighbor ${router.address} as ${router.asNumber};
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 2;
  password "${password}";
  graceful restart on;
  ipv4 { import all; export filter { ${changed.join(" ")} accept; }; };
}
`;
}

function frrNode({ address, asNumber, router, password, announces = [], passesOn = {} }: PlayedNode): string {
  const lists = Object.entries(passesOn).map(
    ([net, hop], at) => `ip prefix-list passed${at} permit ${net}
route-map out permit ${at + 1}
 match ip address prefix-list passed${at}
 set ip next-hop ${hop}
exit
`,
  );
  return `frr defaults traditional
${lists.join("")}route-map out permit 100
exit
router bgp ${asNumber}
 bgp router-id ${address}
 no bgp ebgp-requires-policy
 no bgp network import-check
 bgp graceful-restart
 timers bgp 3 9
 neighbor ${router.address} remote-as ${router.asNumber}
 neighbor ${router.address} password ${password}
 neighbor ${router.address} timers connect 1
 address-family ipv4 unicast
${[...announces, ...Object.keys(passesOn)].map((net) => `  network ${net}\n`).join("")}  neighbor ${router.address} route-map out out
 exit-address-family
exit
`;
}
