import { factsIn, type MachineFacts, type SeenMachine } from "../../tools/new/facts";
import { fingerprintOf } from "../../tools/new/machine";
import type { Answers } from "../../tools/new/questions";
import { publicKeyOf } from "./key-samples";

/** What `node-config/machine/facts.sh` prints on a rented machine with a public and a private address. */
export function printed(number: number, changed: object = {}): string {
  const link = (ifname: string, mtu: number, local: string, prefixlen: number) => ({
    ...{ ifname, mtu },
    addr_info: [{ family: "inet", local, prefixlen, scope: "global" }],
  });
  return JSON.stringify({
    name: `node${number}`,
    ...{ codename: "bookworm", container: false, ipvs: true, cpus: 4, availableMiB: 40_000, debianKeys: "" },
    links: [
      link("lo", 65536, "127.0.0.1", 8),
      {},
      link("eth0", 1500, `203.0.113.${number}`, 24),
      link("eth1", 1500, `10.20.0.${10 + number}`, 24),
    ],
    routes: [
      { dst: "default", gateway: "203.0.113.254", dev: "eth0" },
      { dst: "203.0.113.0/24", dev: "eth0" },
      { dst: "10.20.0.0/24", dev: "eth1" },
    ],
    ...{ bridges: [], nameServers: ["10.20.0.2", "2001:db8::2"] },
    ...changed,
  });
}

export function seen(number: number, changed: Partial<MachineFacts> = {}): SeenMachine {
  const hostKey = publicKeyOf(`node${number}`);
  const address = `203.0.113.${number}`;
  const machine = {
    ...{ words: `debian@${address}`, user: "debian", host: address, port: 22, address, hostKey },
    fingerprint: fingerprintOf(hostKey),
  };
  return { machine, facts: { ...factsIn(printed(number)), ...changed } };
}

export const answers: Answers = {
  STACK: "oslo",
  KEY: "~/.ssh/kjerne",
  ENDPOINT: "10.20.0.10",
  COUNTRY: "NO",
  CITY: "Oslo",
  OPERATOR: "Eksempel Drift AS, NO, NO",
  SUPPORT: "NO, SE",
  DATA_CLASS: "internal",
  STATE: "file://",
  CUSTODIAN: "Eksempel AS, NO, NO",
  PACKAGES: "https://mirror.eksempel.no/apt bookworm main",
  PACKAGES_KEY: "~/.config/kjerne/apt.asc",
  IMAGES: "https://mirror.eksempel.no:5000",
  MIRROR_OPERATOR: "Eksempel Drift AS, NO, NO",
  CALICO: "https://mirror.eksempel.no/calico/calico.yaml",
  INDEX: "stacks/supply.oslo.json",
};
