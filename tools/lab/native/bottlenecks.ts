import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { rootCommand } from "../../run";
import { namespaceOf } from "../plan";
import { nodeInitOf } from "./node-processes";

/** Something that holds a running cluster back, and can be done to a native lab and taken back. */
export interface Bottleneck {
  readonly what: string;
  /** The rule of the report that has to name it. */
  readonly rule: string;
  /** Bash. */
  readonly make: string;
  readonly undo: string;
}

/** VXLAN where this machine's kernel has no IPIP. Then waits for what Calico makes of it. */
const encapsulated = (mode: "Always" | "Never", isSo: string) => `
key=ipipMode; unshare --net ip link add probe type ipip 2>/dev/null || key=vxlanMode
on cp1 kubectl --kubeconfig /etc/kubernetes/admin.conf patch ippools.crd.projectcalico.org default-ipv4-ippool \\
  --type merge --patch "{\\"spec\\":{\\"$key\\":\\"${mode}\\"}}" >&2
by() { on cp1 ip route | grep -qE "^[0-9./]+ via .* dev ($1) "; }
gone() { ! on cp1 ip link show vxlan.calico &>/dev/null && ! on worker1 ip link show vxlan.calico &>/dev/null; }
for ((i = 0; i < 90; i++)); do ${isSo} && break; sleep 1; done
${isSo}`;

/** A property of systemd's for each container that runs a program, by the name of the program. */
const property = (program: string, setting: string) => `
for node in cp1 worker1; do
  on "$node" bash -c 'for process in $(pgrep -x ${program}); do
    scope=$(grep -om 1 "cri-containerd-.*\\.scope" /proc/$process/cgroup)
    systemctl set-property --runtime "$scope" ${setting}
  done'
done`;

/** Each alone has to be named, and nothing else. */
export const bottlenecks: readonly Bottleneck[] = [
  {
    what: "pods' packets travel in IPIP or VXLAN",
    rule: "encapsulation",
    make: encapsulated("Always", "by 'tunl0|vxlan.calico'"),
    undo: encapsulated("Never", "by eth0 && gone"),
  },
  {
    what: "a neighbour fills the host's processors",
    rule: "cpu-taken",
    make: 'hogs=; for ((i = 0; i < $(nproc); i++)); do (while :; do :; done) & hogs+=" $!"; done',
    undo: "kill $hogs",
  },
  {
    what: "etcd's disk takes 200 kB/s",
    rule: "etcd-disk",
    make: property("etcd", 'IOWriteBandwidthMax="/var 200K"'),
    undo: property("etcd", "IOWriteBandwidthMax="),
  },
  {
    what: "the table of connections has 1,000 entries",
    rule: "conntrack-limit",
    make: "before=$(sysctl -n net.netfilter.nf_conntrack_max); sysctl -qw net.netfilter.nf_conntrack_max=1000",
    undo: 'sysctl -qw "net.netfilter.nf_conntrack_max=$before"',
  },
  {
    what: "worker1's cable carries 1,400 bytes",
    rule: "small-mtu",
    make: "before=$(cable); ip -n $hypervisor link set worker1 mtu 1400",
    undo: 'ip -n $hypervisor link set worker1 mtu "$before"',
  },
  {
    what: "the bridge loses 2 % of packets",
    rule: "packet-loss",
    make: `ip netns exec $hypervisor nft 'add table bridge lossy; add chain bridge lossy forwarded { type filter hook forward priority 0; }; add rule bridge lossy forwarded ether type ip numgen random mod 100 < 2 drop'`,
    undo: "ip netns exec $hypervisor nft delete table bridge lossy",
  },
  {
    what: "CoreDNS has a hundredth of a processor",
    rule: "slow-dns",
    make: property("coredns", "CPUQuota=1%"),
    undo: property("coredns", "CPUQuota="),
  },
];

/**
 * Does it to a lab that has native nodes cp1 and worker1, lets somebody look, and takes it back; however this program ends,
 * for the shell that did it hears of that by its stdin.
 */
export async function during<T>(lab: string, { what, make, undo }: Bottleneck, look: () => Promise<T>): Promise<T> {
  const [cp1, worker1] = await Promise.all(["cp1", "worker1"].map((node) => nodeInitOf(lab, node)));
  if (!cp1 || !worker1)
    throw new Error(`lab ${lab} needs native nodes cp1 and worker1 that run: make lab LAB=${lab} MACHINES=native`);
  const script = `
trap '' INT HUP
declare -A init=([cp1]=${cp1} [worker1]=${worker1})
hypervisor=${namespaceOf(lab, "hypervisor")}
on() { local node=$1; shift; nsenter --target "\${init[$node]}" --mount --pid --ipc --uts --net --cgroup "$@"; }
cable() { ip -n "$hypervisor" -json link show worker1 | jq '.[0].mtu'; }
undo() { set +e -E; local failed=0; trap 'failed=1' ERR; ${undo}
exit "$failed"; }
trap undo EXIT
${make}
echo made
read -r _ || true`;
  const [program, ...args] = rootCommand(["bash", "-euc", script]);
  const shell = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(shell, "exit");
  const [line] = await Promise.race([once(createInterface(shell.stdout), "line"), ended]);
  if (line !== "made") throw new Error(`lab ${lab}: "${what}" could not be made (status ${line})`);
  const [looked] = await Promise.allSettled([look()]);
  shell.stdin.end();
  const [status] = await ended;
  if (status !== 0) {
    throw new Error(
      `lab ${lab}: "${what}" was not taken back whole, as the lines above say; make lab-down LAB=${lab} takes its machines away, and sysctl net.netfilter.nf_conntrack_max tells the limit of this one`,
    );
  }
  if (looked.status === "rejected") throw looked.reason;
  return looked.value;
}
