import assert from "node:assert/strict";
import { test } from "node:test";
import { pythonOf } from "../../components/machine/program-text";
import { rootCommand, run } from "../../tools/run";

const program = pythonOf("hypervisor/plan-bridge.py");
const address = "192.0.2.7";

/** What systemd-networkd and ifupdown leave of a card that they keep. */
const networkd = (text = "[Match]\\nName=eth0\\n[Network]\\nAddress=192.0.2.7/24\\n", path = "10-eth0.network") => `
printf '${text}' >/etc/systemd/network/${path}
mkdir -p /run/systemd/netif/links
printf 'ADMIN_STATE=configured\\nNETWORK_FILE=/etc/systemd/network/${path}\\n' >/run/systemd/netif/links/$(</sys/class/net/eth0/ifindex)`;
const ifupdown = (text = "auto eth0\\niface eth0 inet static\\n  address 192.0.2.7/24\\n") => `
printf '${text}' >/etc/network/interfaces
mkdir -p /run/network
echo eth0=eth0 >/run/network/ifstate`;
const addressed = `ip address add ${address}/24 dev eth0`;

/** What the plan says on a machine with the card eth0, on which commands were run; and what it wrote. */
async function planned(...commands: readonly string[]): Promise<string> {
  const inside = `
mount -t sysfs none /sys
for place in /run /mnt /etc; do mount -t tmpfs none $place; done
mkdir -p /etc/systemd/network /etc/network /mnt/new
ip link add eth0 type veth peer name cable
ip link set eth0 up
${commands.join("\n")}
python3 -I -c "$0" /mnt br0 ${address}
cd /mnt && find new -type f -exec tail -v -n +1 {} +`;
  const [command, ...args] = rootCommand(["unshare", "--mount", "--net", "bash", "-euc", inside, program]);
  return (await run(command, args)).trim();
}

const refused: Readonly<Record<string, readonly [commands: readonly string[], reason: RegExp]>> = {
  "of which no card has the address": [[], /no card of this machine has 192\.0\.2\.7.*make br0 by hand/],
  "of which two cards have the address": [
    [addressed, `ip address add ${address}/24 dev cable`],
    /(eth0, cable|cable, eth0) all have 192\.0\.2\.7.*take it from the others/,
  ],
  "that has its address on another bridge": [
    ["ip link add other type bridge", `ip address add ${address}/24 dev other`],
    /lies on the bridge other, which is there already; name it in hypervisors\[\]\.bridge/,
  ],
  "whose card is a port of something": [
    [addressed, "ip link add bond0 type bridge", "ip link set eth0 master bond0"],
    /eth0, which has 192\.0\.2\.7, is a port of bond0 already/,
  ],
  "that has its address on a device above a card": [
    ["ip link add above link eth0 type macvlan", `ip address add ${address}/24 dev above`],
    /above, which has 192\.0\.2\.7, is no plain card \(macvlan\)/,
  ],
  "with a device above its card, such as a VLAN": [
    [addressed, "ip link add above link eth0 type macvlan"],
    /above lies on eth0, which has 192\.0\.2\.7, and would lose it/,
  ],
  "that has its address by DHCP": [
    [`ip address add ${address}/24 dev eth0 valid_lft 3600 preferred_lft 3600`, networkd()],
    /eth0 has 192\.0\.2\.7 by DHCP or from a router.*make it static/,
  ],
  "with something else of the bridge's name": [
    [addressed, "ip link set cable name br0"],
    /br0: is no bridge, and has its name/,
  ],
  "that NetworkManager keeps": [
    [
      addressed,
      "mkdir -p /run/NetworkManager/devices",
      "printf '[device]\\nmanaged=true\\n' >/run/NetworkManager/devices/$(</sys/class/net/eth0/ifindex)",
    ],
    /NetworkManager has eth0; nmcli connection add type bridge con-name br0/,
  ],
  "that nobody keeps": [[addressed], /neither ifupdown .* nor systemd-networkd has eth0/],
  "that two keep": [[addressed, networkd(), ifupdown()], /both ifupdown and systemd-networkd have eth0/],
  "that netplan keeps": [
    [addressed, networkd(undefined, "10-netplan-eth0.network")],
    /netplan has written .*; declare the bridge in \/etc\/netplan/,
  ],
  "with drop-ins": [
    [
      addressed,
      networkd(),
      "mkdir /etc/systemd/network/10-eth0.network.d",
      "touch /etc/systemd/network/10-eth0.network.d/a.conf",
    ],
    /10-eth0\.network has drop-ins/,
  ],
  "with a VLAN in its file": [
    [addressed, networkd("[Match]\\nName=eth0\\n[Network]\\nVLAN=vlan7\\n")],
    /10-eth0\.network joins eth0 to another device/,
  ],
  "with a file before any other": [
    [addressed, networkd(undefined, "!first.network")],
    /!first\.network comes before any other file; give it a name that begins with 10-/,
  ],
  "whose file cloud-init writes": [
    [addressed, ifupdown("# cloud-init wrote this\\nauto eth0\\niface eth0 inet static\\n")],
    /cloud-init writes \/etc\/network\/interfaces; tell it not to/,
  ],
  "with an alias, whose address would stay on the card": [
    [addressed, ifupdown("auto eth0 eth0:1\\niface eth0 inet static\\niface eth0:1 inet static\\n")],
    /has 'iface eth0:1 inet static', whose address would stay on eth0/,
  ],
  "whose stanza inherits": [
    [addressed, ifupdown("iface eth0 inet static inherits base\\n")],
    /has 'iface eth0 inet static inherits base', which kjerne does not follow/,
  ],
  "with a command that may mean the card": [
    [addressed, ifupdown("iface eth0 inet static\\n  up tc qdisc add root via eth0 fq\\n")],
    /has 'up tc qdisc add root via eth0 fq' for eth0, which may mean the card or its address/,
  ],
};

for (const [what, [commands, reason]] of Object.entries(refused)) {
  test(`a hypervisor ${what} is refused with the way out, and nothing is planned`, async () => {
    const said = await planned(...commands);
    assert.match(said, reason);
    assert.equal(said.split("\n").length, 1, said);
  });
}

test("ifupdown's files have the bridge in the place of the card, and say the rest as they did", async () => {
  const text = `# mine\\nauto lo eth0\\nallow-hotplug eth0 wlan0\\niface lo inet loopback\\n\\niface eth0 inet static\\n\\taddress 192.0.2.7/24
  up ip route add 10.0.0.0/8 via 192.0.2.1 dev eth0\\n  post-up ethtool -K eth0 tso off\\niface eth0 inet6 auto\\niface wlan0 inet dhcp\\n`;
  const said = await planned("ip link set eth0 address 02:00:00:00:00:07", addressed, ifupdown(text));
  assert.equal(
    said,
    `==> new/etc/network/interfaces <==
# mine
auto lo
allow-hotplug wlan0
iface lo inet loopback

auto br0
iface br0 inet static
    pre-up [ -e /sys/class/net/br0 ] || ip link add name br0 address 02:00:00:00:00:07 type bridge
    pre-up ip link set dev eth0 mtu 1500 master br0 up
	address 192.0.2.7/24
  up ip route add 10.0.0.0/8 via 192.0.2.1 dev br0
  post-up ethtool -K eth0 tso off
iface br0 inet6 auto
iface wlan0 inet dhcp`,
  );
});

test("of systemd-networkd no file changes: the bridge gets what the card had, and the card is its port", async () => {
  const text =
    "[Match]\\nName=e*\\n\\n[Link]\\nMTUBytes=9000\\n[Network]\\nAddress=192.0.2.7/24\\n[Route]\\nGateway=192.0.2.1\\n";
  const said = await planned("ip link set eth0 mtu 9000 address 02:00:00:00:00:07", addressed, networkd(text));
  const files = said.split(/^==> new(?=\/)/m).filter(Boolean);
  const at = "/etc/systemd/network/0-kjerne-br0";
  assert.deepEqual(files.map((file) => file.trim()).sort(), [
    `${at}-port.network <==\n[Match]\nName=eth0\n\n[Link]\nMTUBytes=9000\n\n[Network]\nBridge=br0\nLinkLocalAddressing=no`,
    `${at}.netdev <==\n[NetDev]\nName=br0\nKind=bridge\nMACAddress=02:00:00:00:00:07\nMTUBytes=9000`,
    `${at}.network <==\n# As /etc/systemd/network/10-eth0.network says of eth0, which is its port.\n[Match]\nName=br0\n\n[Link]\nMTUBytes=9000\n[Network]\nAddress=192.0.2.7/24\n[Route]\nGateway=192.0.2.1`,
  ]);
});
