import { defaults } from "../../node-config/defaults";
import { versions } from "../../node-config/versions";
import type { SeenMachine } from "./facts";
import { clusterNetworks, gatewayIn, type SharedNetwork, seenBy } from "./networks";
import { nodesOf } from "./nodes";
import type { Answers } from "./questions";
import { companyIn, residencyOf } from "./residency";
import { imageMirrors, repositories } from "./supply";

/** What is written into a settings file, and why, by key: comments stand above the keys. */
export interface Decided {
  readonly config: Readonly<Record<string, unknown>>;
  /** Path of keys below `config`, joined by blanks → the reason. */
  readonly reasons: Readonly<Record<string, string>>;
}

/** What of Calico's manifest the settings name. */
export interface Manifest {
  readonly place: string;
  readonly sha256: string;
}

/**
 * The settings of a cluster on machines that are there already: what was answered, what the machines tell, and nothing
 * that has a good default.
 *
 * @throws Error where no network is left for pods or Services
 */
export function decide(
  answers: Answers,
  seen: readonly SeenMachine[],
  network: SharedNetwork,
  manifest: Manifest,
): Decided {
  const { STACK = "", ENDPOINT = "" } = answers;
  const facts = seen.map((one) => one.facts);
  const nodes = nodesOf(seen, network, ENDPOINT !== "");
  const first = nodes[0] as (typeof nodes)[number];
  const nameServers = [...new Set(facts.flatMap((one) => one.nameServers))].slice(0, 3);
  const { gateway, isSeen } = gatewayIn(network, facts);
  const taken = [...seenBy(facts), ...seen.map(({ machine }) => `${machine.address}/32`)];
  const own = clusterNetworks(taken);
  if (!own) {
    throw new Error(
      `no /16 of 10.0.0.0/8 or 172.16.0.0/12 is left for pods and Services: the machines reach ${[...new Set(taken)].join(", ")}; take routes away that nobody needs`,
    );
  }
  const podCidr = own.podCidr === defaults.podCidr ? {} : { podCidr: own.podCidr };
  const serviceCidr = own.serviceCidr === defaults.serviceCidr ? {} : { serviceCidr: own.serviceCidr };
  const isLab = facts.every(({ container }) => container);
  const mode = facts.every(({ ipvs }) => ipvs) ? {} : { proxy: { mode: "iptables" } };
  const codename = facts[0]?.codename ?? "";
  const config = {
    name: STACK,
    site: {
      name: `${STACK}-1`,
      country: answers.COUNTRY,
      city: answers.CITY,
      operator: companyIn(answers.OPERATOR),
      supportCountries: (answers.SUPPORT ?? "").split(/[\s,]+/),
      dataClass: answers.DATA_CLASS,
    },
    ssh: { privateKeyFile: answers.KEY, publicKeyFile: `${answers.KEY}.pub` },
    nodes,
    network: {
      nodeCidr: network.cidr,
      gateway,
      nameservers: nameServers,
      ...(network.mtu === defaults.mtu ? {} : { mtu: Math.min(network.mtu, 9216) }),
      ...podCidr,
      ...serviceCidr,
      calico: { version: versions.supply.calico, manifest: manifest.place, manifestSha256: manifest.sha256 },
    },
    kubernetes: {
      version: versions.default,
      endpoint: {
        host: `api.${STACK}.internal`,
        ...(ENDPOINT === "" ? { address: first.address } : { address: ENDPOINT, by: "vrrp" }),
      },
      ...mode,
      ...(facts.some(({ container }) => container) ? { sysctlProfiles: ["base"] } : {}),
      ...(isLab ? { slowEtcdDisk: "told" } : {}),
      probeImage: `registry.k8s.io/e2e-test-images/agnhost:${versions.supply.agnhost}`,
    },
    supply: {
      packages: repositories(answers, codename),
      index: answers.INDEX,
      imageMirrors: imageMirrors(answers),
    },
    otherNamespaces: "closed",
    residency: residencyOf(answers, codename, nameServers, network.cidr),
  };
  return { config, reasons: reasonsFor(answers, { isGatewaySeen: isSeen, nodes: nodes.length }) };
}

function reasonsFor({ ENDPOINT = "" }: Answers, { isGatewaySeen, nodes }: { isGatewaySeen: boolean; nodes: number }) {
  const alone = ENDPOINT === "" ? nodes === 1 : nodes === 3;
  return {
    name: "Machines and files carry it, so it never changes.",
    site: "Where the machines are and who controls them, as you said: policy packs judge it.",
    ssh: "Files on the machine that runs pulumi up. The key itself stands nowhere in here.",
    nodes: `Named as the machines call themselves, each pinned to the host key that was confirmed.${
      alone ? " Without a taint (taints: []) workloads run on control planes, since there is nothing else." : ""
    }`,
    network: "Between the nodes, as the machines told it, and how pods are connected.",
    "network nodeCidr": "The network in which every machine has an address.",
    "network gateway": isGatewaySeen
      ? "Of the machines' default route, which stays theirs."
      : "No machine has its default route there, and kjerne changes none: this address is merely kept from nodes.",
    "network nameservers": "Those that the machines ask. CoreDNS asks them for names outside the cluster.",
    "network mtu": "What the machines' own cards carry.",
    "network podCidr": "kjerne's default overlaps what the machines reach; this does not.",
    "network serviceCidr": "kjerne's default overlaps what the machines reach; this does not.",
    "network calico":
      "The release that kjerne was seen working with. Another manifest than that of this sum is refused.",
    kubernetes:
      "The newest release that kjerne was seen working with, and what these machines need beside the defaults.",
    "kubernetes endpoint":
      ENDPOINT === ""
        ? "The only control plane's address, under a name that stays when it gets company."
        : "The control planes have this address in turn, by VRRP; nothing else may have it.",
    "kubernetes proxy": "Not every machine's kernel has IPVS (ip_vs), which is the default.",
    "kubernetes sysctlProfiles": "A system container may set no others.",
    "kubernetes slowEtcdDisk":
      "System containers lie on whatever disk their host has: the report tells how slow it is.",
    "kubernetes probeImage": "The verification tries connections between pods of it.",
    supply: "Where nodes install from, and the file that says which versions and digests: make lock writes it.",
    otherNamespaces: "Default deny and Pod Security baseline in every namespace but kube-system.",
    residency: "A record for the policy packs. Nothing acts on it, and what is missing counts as violated.",
    "residency backups": "There are none yet: rules RES-12 and RES-28 ask for one.",
    "residency state": "As you said. The passphrase is pulumi's to ask.",
    "residency endpoints time": "Whom the machines' own clocks ask is not kjerne's: write it down here.",
    "residency attestations": "Who vouches for what no program sees: RES-03, RES-04, RES-31 to RES-36.",
  };
}
