import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { asRoot, rootCommand, run } from "../../tools/run";

/** A node with a pod, and another namespace that has the addresses of every other machine. */
const [node, pod, others] = ["node", "pod", "others"].map((name) => `kjerne-doors-${process.pid}-${name}`) as [
  string,
  string,
  string,
];
export const address = {
  node: "10.20.0.21",
  controlPlane: "10.20.0.11",
  otherNode: "10.20.0.22",
  hypervisor: "10.20.0.2",
  database: "10.20.0.50",
  operator: "192.0.2.7",
  pod: "10.244.1.5",
  "pod with an address of the nodes' network": "10.20.0.200",
  otherPod: "10.244.2.9",
  service: "10.96.0.1",
  "address of no Service": "10.96.0.99",
  metadata: "169.254.169.254",
  endpoint: "10.99.0.1",
} as const;
export type Machine = keyof typeof address;

const listen = `
import select, socket
ports = [22, 179, 2379, 5432, 6443, 9100, 10250, 10256, 30080]
servers = [socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True) for port in ports]
print("listens", flush=True)
while True:
    for server in select.select(servers, [], [])[0]: server.accept()[0].close()`;
/** All at once: most of the time is waiting for answers that must not come. */
const connect = `
import concurrent.futures, json, socket, sys
def end(door):
    target, port, source = door
    try:
        family, _, _, _, where = socket.getaddrinfo(target, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family)
        made.settimeout(2)
        if source: made.bind((source, 0))
        made.connect(where)
        return "open"
    except OSError as error:
        return "closed" if isinstance(error, TimeoutError) else str(error)
doors = json.load(sys.stdin)
with concurrent.futures.ThreadPoolExecutor(len(doors) or 1) as pool: print(json.dumps(list(pool.map(end, doors))))`;

const servers: ChildProcess[] = [];

function inside(namespace: string, argv: readonly string[], input: string): Promise<string> {
  const [program, ...args] = rootCommand(["ip", "netns", "exec", namespace, ...argv]);
  return run(program, args, { input });
}

/** Has the node's kernel take rules. */
export const nft = (text: string) => inside(node, ["nft", "--file", "-"], text);

async function serve(namespace: string) {
  const [program, ...args] = rootCommand(["ip", "netns", "exec", namespace, "python3", "-Ic", listen]);
  const server = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  servers.push(server);
  await once(server.stdout as NodeJS.ReadableStream, "data");
}

export async function makeNetwork(): Promise<void> {
  const script = `
for n in ${node} ${pod} ${others}; do ip netns add $n; ip -n $n link set lo up; done
ip -n ${node} link add eth0 type veth peer name eth0 netns ${others}
ip -n ${node} link add cali1 type veth peer name eth0 netns ${pod}
ip -n ${node} link add kube-ipvs0 type bridge
ip -n ${node} address add ${address.node}/24 dev eth0
ip -n ${node} address add ${address.service}/32 dev kube-ipvs0
for l in eth0 cali1 kube-ipvs0; do ip -n ${node} link set $l up; done
for a in ${address.controlPlane} ${address.otherNode} ${address.hypervisor} ${address.database}; do ip -n ${others} address add $a/24 dev eth0; done
for a in ${address.operator} ${address.otherPod} ${address.metadata} ${address.endpoint} ${address["address of no Service"]}; do ip -n ${others} address add $a/32 dev eth0; done
ip -n ${others} link set eth0 up
ip -n ${node} address add fe80::1/64 dev cali1 nodad
ip -n ${node} address add fe80::1/64 dev eth0 nodad
ip -n ${pod} address add fe80::5/64 dev eth0 nodad
ip -n ${others} address add fe80::5/64 dev eth0 nodad
ip -n ${pod} link set eth0 up
ip -n ${pod} route add 169.254.1.1 dev eth0
ip -n ${pod} route add default via 169.254.1.1
for a in ${address.pod} ${address["pod with an address of the nodes' network"]}; do
  ip -n ${pod} address add $a/32 dev eth0
  ip -n ${node} route add $a dev cali1
done
ip -n ${node} route add default dev eth0
ip netns exec ${node} sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.cali1.proxy_arp=1 net.ipv4.conf.eth0.rp_filter=0
ip netns exec ${node} sysctl -qw net.ipv4.neigh.cali1.proxy_delay=0
for r in 10.244.1.0/24 10.96.0.0/16; do ip -n ${others} route add $r via ${address.node}; done
`;
  await asRoot("bash", "-euc", script);
  await nft(
    "table ip nat { chain out { type nat hook postrouting priority 100; oifname eth0 ip saddr 10.244.0.0/16 masquerade; }; }",
  );
  await Promise.all([serve(node), serve(others)]);
}

export async function removeNetwork(): Promise<void> {
  for (const server of servers) server.kill("SIGKILL");
  for (const namespace of [node, pod, others]) await asRoot("ip", "netns", "delete", namespace).catch(() => {});
}

export interface Door {
  readonly from: Machine | "neighbour on the link" | "pod on the link";
  readonly to: Machine | "fe80::1%eth0";
  readonly ports: readonly number[];
}

/** How each connection ends, sorted. */
export async function ends(doors: readonly Door[]): Promise<string[]> {
  const all = doors.flatMap(({ from, to, ports }) => ports.map((port) => ({ from, to, port })));
  const found = await Promise.all(
    [pod, others].map(async (place) => {
      const here = all.filter(({ from }) => from.startsWith("pod") === (place === pod));
      const asked = here.map(({ from, to, port }) => [
        to in address ? address[to as Machine] : to,
        port,
        from in address ? address[from as Machine] : "",
      ]);
      const answers = JSON.parse(await inside(place, ["python3", "-Ic", connect], JSON.stringify(asked))) as string[];
      return here.map(({ from, to, port }, at) => `${from} to ${to} port ${port}: ${answers[at]}`);
    }),
  );
  return found.flat().sort();
}
