import { preparation } from "../../components/hypervisor/script-inputs";
import { textOf } from "../../components/machine/program-text";
import { commandLine, runner, startOf } from "../../components/machine/runner";
import { versions } from "../../node-config/versions";
import { startLab, stopLab } from "../../tools/lab/lab";
import { nativeBase } from "../../tools/lab/native/base";
import { onNode, untilNodeAnswers } from "../../tools/lab/native/node";
import { insideNode } from "../../tools/lab/native/node-processes";
import { nodeAddress } from "../../tools/lab/plan";
import { untilSucceeds } from "../../tools/lab/until";
import { ensureSupply } from "../../tools/supply/supply";

/** Who keeps the network of a machine: with a program that gives its only card its only address, now and at each boot. */
const managers = {
  networkd: (address: string, router: string) => `
    printf '%s\n' '[Match]' 'Name=eth*' '' '[Network]' Address=${address}/24 Gateway=${router} >/etc/systemd/network/20-eth.network
    systemctl enable --now --quiet systemd-networkd`,
  ifupdown: (address: string, router: string) => `
    printf '%s\n' 'source interfaces.d/*' '' 'auto lo' 'iface lo inet loopback' >/etc/network/interfaces
    printf '%s\n' 'auto eth0' 'iface eth0 inet static' '    address ${address}/24' '    gateway ${router}' \
      '    up ip route add 198.51.100.0/24 via ${router} dev eth0' >/etc/network/interfaces.d/eth0
    systemctl enable --quiet networking
    ifup eth0`,
};
/** The lab has given the card an address before the machine boots; others have none then. */
const bare = `
    printf '%s\n' '[Unit]' DefaultDependencies=no Before=network-pre.target Wants=network-pre.target '[Service]' Type=oneshot \
      'ExecStart=ip address flush dev eth0' '[Install]' WantedBy=sysinit.target >/etc/systemd/system/bare.service
    systemctl enable --now --quiet bare`;
export type Manager = keyof typeof managers;

/** Release of the machines: `DEBIAN=trixie make test-tools FILE=prepare-hypervisor` for the other one. */
const debian = process.env.DEBIAN || versions.debian;

export type FreshHypervisors = Awaited<ReturnType<typeof startHypervisors>>;

/**
 * Fresh Debian machines of these names, as system containers that have booted, each with an sshd, a single card that
 * its manager keeps, and sources of apt of its own. libvirt is played: it is large.
 */
export async function startHypervisors(lab: string, machines: Readonly<Record<string, Manager>>) {
  const quiet = () => {};
  const supply = await ensureSupply(console.log, [versions.default], debian);
  const base = await nativeBase(supply, console.log);
  const names = Object.keys(machines);
  const servers = () => [
    { name: "web", argv: ["python3", "-m", "http.server", "80", "--directory", supply.directory] },
  ];
  const native = names.map((name) => ({ name, base, memoryMiB: 1024, hasFabric: false }));
  const addresses = await startLab(lab, servers, quiet, { native, onHypervisor: false });
  const addressOf = (name: string) => nodeAddress(addresses, name);

  /** bash as root, not by ssh: the network need not work. */
  const inside = (name: string, commands: string) =>
    insideNode(lab, name, "bash", "-euo", "pipefail", "-c", `exec 2>&1\n${commands}`);

  const source = `deb [signed-by=/etc/apt/kjerne.asc] http://${addresses.mirror}/apt ${supply.index.suite} main`;
  const finish = async (name: string) =>
    inside(
      name,
      `until [[ $(systemctl is-system-running) =~ running|degraded ]]; do sleep 0.2; done
      echo '${source}' >/etc/apt/sources.list
      python3 -c 'import urllib.request as ask; print(ask.urlopen("http://${addresses.mirror}/kjerne.asc").read().decode())' >/etc/apt/kjerne.asc
      apt-get -q update
      printf '%s\n' '[Service]' 'ExecStart=sleep infinity' '[Install]' WantedBy=multi-user.target >/etc/systemd/system/libvirtd.service
      ${machines[name] === "ifupdown" ? "apt-get -q -y install ifupdown" : ""}
      ${bare}
      ${managers[machines[name] as Manager](addressOf(name), addresses.router)}`,
    );
  await Promise.all(names.map(finish));

  const input = (name: string, changed: object) => {
    const wanted = preparation(name, { address: addressOf(name), bridge: "br0", synchronisedClock: false });
    return JSON.stringify({ ...wanted, commands: ["jq: jq", "iproute2: ip"], ...changed });
  };
  return {
    addressOf,
    inside,
    input,
    /** A command in a new ssh session. */
    ssh: (name: string, command: string) => onNode(lab, addresses, name, command),
    /** A script in a new ssh session, as the stack runs it. */
    run: (name: string, script: string, changed: object = {}) => {
      const text = textOf(script);
      const line = commandLine({ name: script, action: "create", start: startOf([text]) });
      return onNode(lab, addresses, name, line, `${runner}${text}${input(name, changed)}`);
    },
    reboot: async (name: string) => {
      const boot = (await inside(name, "cat /proc/sys/kernel/random/boot_id")).trim();
      await inside(name, "systemctl reboot --force");
      await untilSucceeds(`${name} to boot again`, 60, async () => {
        const now = (await inside(name, "cat /proc/sys/kernel/random/boot_id")).trim();
        if (now === boot) throw new Error("not yet");
      });
      await untilNodeAnswers(lab, addresses, name);
    },
    stop: () => stopLab(lab, quiet),
  };
}
