import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, before } from "node:test";
import { announcedEndpointFiles } from "../../node-config/announced-endpoint";
import { doorFiles } from "../../node-config/doors";
import { type RoutedCluster, type RouterFacts, routersOf } from "../../node-config/routers/facts";
import { untilSucceeds } from "../../tools/lab/until";
import { asRoot, rootCommand, run } from "../../tools/run";
import { Segment, viaOf } from "./routers/segment";
import { bird, type Place } from "./routers/speakers";

/**
 * Two control planes and the router of their segment, each in a namespace, with BIRD everywhere: the router's by the
 * configuration that is rendered for it, the control planes' with the addresses of their interfaces, as Calico's has them. A
 * server in the place of each API server says its name.
 */
export const endpoint = "10.99.0.1";
const router = { name: "tor1", address: "10.20.0.3", asNumber: 64500, authenticated: true };
const password = "kjerne-2#!";
const addresses = { cp1: "10.20.0.31", cp2: "10.20.0.32" } as const;
export type Name = keyof typeof addresses;
export const names = Object.keys(addresses) as Name[];

const segment = new Segment(`kja${process.pid}`);
const places = new Map<string, Place>();
const place = (name: string) => places.get(name) as Place;

const entered = `
  exec </dev/null >/dev/null 2>&1
  for tree in etc usr/local; do
    mkdir -p "$0/upper-$tree" "$0/work-$tree"
    mount -t overlay overlay -o "lowerdir=/$tree,upperdir=$0/upper-$tree,workdir=$0/work-$tree" "/$tree"
  done
  mount -t tmpfs none /run
  cp -r "$0/root/." /
  python3 -c "$1" "$0" >/dev/null 2>&1 &
  echo $$ >"$0/pid"
  # As its unit does.
  while true; do kjerne-announce-endpoint || true; sleep 0.5; done`;
const server = `
import http.server, ssl, sys, os
os.chdir(sys.argv[1] + "/served")
server = http.server.ThreadingHTTPServer(("", 6443), http.server.SimpleHTTPRequestHandler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("../tls.crt", "../tls.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()`;

before(async () => {
  places.set("tor1", await segment.add("tor1", `${router.address}/24`));
  const inside = (name: string, ...command: string[]) =>
    asRoot("ip", "netns", "exec", place(name).namespace, ...command);
  await inside("tor1", "sysctl", "-qw", "net.ipv4.ip_forward=1");
  await bird.router(place("tor1"), rendered(), password);
  for (const name of names) {
    const made = await segment.add(name, `${addresses[name]}/24`);
    places.set(name, made);
    await inside(name, "ip", "route", "add", "default", "via", router.address);
    await inside(name, "sysctl", "-qw", "net.ipv4.ip_forward=1");
    const doors = rootCommand(["ip", "netns", "exec", made.namespace, "nft", "--file", "-"]);
    await run(doors[0], doors.slice(1), { input: rules() });
    await bird.node(made, { ...{ address: addresses[name], asNumber: 64512, router, password }, direct: true });
    await start(name);
  }
});
after(() => segment.remove());

/** What closes the services of a control plane. */
function rules(): string {
  const none = { hypervisors: [], nameservers: [], operators: [], openToPods: [] };
  const networks = { podCidr: "10.244.0.0/16", serviceCidr: "10.96.0.0/16", nodeCidr: "10.20.0.0/24" };
  const machines = { controlPlanes: Object.values(addresses), routers: [router.address], apiPorts: [6443], endpoint };
  const files = doorFiles({ ...none, ...networks, ...machines });
  return ["facts", "doors"].map((name) => files[`/etc/kjerne/doors/${name}.nft`]?.content).join("");
}

function rendered(): RouterFacts {
  const calico = { asNumber: 64512, blockSize: 26, racks: [], peers: [router] };
  const cluster: RoutedCluster = {
    name: "oslo",
    nodes: names.map((name) => ({ name, address: addresses[name], role: "control-plane" })),
    kubernetes: { endpoint: { address: endpoint, by: "bgp" } },
    network: { nodeCidr: "10.20.0.0/24", podCidr: "10.244.0.0/16", loadBalancerCidrs: [], calico },
  };
  return routersOf(cluster)[0] as RouterFacts;
}

/** Starts what a control plane has for it; its API server is not ready yet. */
async function start(name: Name) {
  const { directory, namespace } = place(name);
  const ec = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const [key, crt] = [join(directory, "tls.key"), join(directory, "tls.crt")];
  await run("openssl", ["req", ...ec, "-subj", "/CN=kubernetes", "-keyout", key, "-out", crt]);
  mkdirSync(join(directory, "served"));
  writeFileSync(join(directory, "served/name"), name);
  for (const [path, { content, mode }] of Object.entries(announcedEndpointFiles(endpoint))) {
    mkdirSync(dirname(join(directory, "root", path)), { recursive: true });
    writeFileSync(join(directory, "root", path), content, { mode: Number.parseInt(mode, 8) });
  }
  const shell = ["unshare", "--mount", "bash", "-euc", entered, directory, server] as const;
  const [program, ...args] = rootCommand(["ip", "netns", "exec", namespace, "setsid", "--fork", ...shell]);
  await run(program, args);
}

export function ready(name: Name, isReady: boolean) {
  const file = join(place(name).directory, "served/readyz");
  if (isReady) writeFileSync(file, "ok");
  else rmSync(file);
}

/** Runs commands of bash on a control plane, with its files. */
export async function on(name: Name, commands: string): Promise<string> {
  const pid = (await asRoot("cat", join(place(name).directory, "pid"))).trim();
  const enter = ["nsenter", "--target", pid, "--mount", "--net", "bash", "-euo", "pipefail", "-c"] as const;
  return (await asRoot(...enter, commands)).trim();
}

/** Waits until exactly these have the address, and the router leads to them. */
export async function heldBy(...wanted: readonly Name[]) {
  await untilSucceeds(`${wanted.join(" and ") || "nobody"} to have the endpoint's address`, 30, async () => {
    const having = await Promise.all(names.map((name) => on(name, `ip -4 address show dev lo to ${endpoint}/32`)));
    assert.deepEqual(
      names.filter((_, at) => having[at] !== ""),
      wanted,
    );
    const last = wanted.length === 0 ? [addresses.cp1] : wanted.map((name) => addresses[name]);
    assert.deepEqual(viaOf(await segment.routes("tor1"), endpoint).sort(), last);
  });
}

/** Who answers at the endpoint's address, asked by the router or by a control plane. */
export async function answers(from: string = "tor1"): Promise<string> {
  const ask = ["curl", "--silent", "--fail", "--insecure", "--max-time", "2", `https://${endpoint}:6443/name`] as const;
  return asRoot("ip", "netns", "exec", place(from).namespace, ...ask);
}
