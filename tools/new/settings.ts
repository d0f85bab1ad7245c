import { defaults } from "../../node-config/defaults";
import { versions } from "../../node-config/versions";
import type { MachineFacts, SeenMachine } from "./facts";
import { clusterNetworks, gatewayIn, seenBy } from "./networks";
import type { Plan } from "./plan";
import { type Answers, clusterName } from "./questions";
import { reasonsFor } from "./reasons";
import { companyIn, residencyOf } from "./residency";
import { imageMirrors, type Repository } from "./supply";

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
 * The settings of a cluster: what was answered, what the machines tell, and nothing that has a good default.
 *
 * @throws Error where no network is left for pods or Services
 */
export function decide(
  answers: Answers,
  seen: readonly SeenMachine[],
  { network, hypervisors, nodes }: Plan,
  { manifest, repositories }: { manifest: Manifest; repositories: readonly Repository[] },
): Decided {
  const name = clusterName(answers);
  const { ENDPOINT = "", TIME = "" } = answers;
  const facts = seen.map((one) => one.facts);
  const isVirtual = hypervisors.length > 0;
  const nameservers = [...new Set(facts.flatMap((one) => one.nameServers))].slice(0, 3);
  const { gateway, isSeen } = gatewayIn(network, facts);
  const config = {
    name,
    site: {
      name: `${name}-1`,
      country: answers.COUNTRY,
      city: answers.CITY,
      operator: companyIn(answers.OPERATOR),
      supportCountries: (answers.SUPPORT ?? "").split(/[\s,]+/),
      dataClass: answers.DATA_CLASS,
    },
    ssh: { privateKeyFile: answers.KEY, publicKeyFile: `${answers.KEY}.pub` },
    ...(isVirtual ? { hypervisors } : {}),
    nodes,
    network: {
      nodeCidr: network.cidr,
      gateway,
      nameservers,
      ...(isVirtual ? { timeServers: TIME.split(/[\s,]+/) } : {}),
      ...(network.mtu === defaults.mtu ? {} : { mtu: Math.min(network.mtu, 9216) }),
      ...differing(clusterNetworks([...seenBy(facts), ...seen.map(({ machine }) => `${machine.address}/32`)])),
      calico: { version: versions.supply.calico, manifest: manifest.place, manifestSha256: manifest.sha256 },
    },
    kubernetes: {
      version: versions.default,
      endpoint: {
        host: `api.${name}.internal`,
        ...(ENDPOINT === "" ? { address: nodes[0]?.address } : { address: ENDPOINT, by: "vrrp" }),
      },
      ...(isVirtual ? {} : limitsOf(facts)),
      probeImage: `registry.k8s.io/e2e-test-images/agnhost:${versions.supply.agnhost}`,
    },
    supply: { packages: repositories, index: answers.INDEX, imageMirrors: imageMirrors(answers) },
    otherNamespaces: "closed",
    admission: { action: "deny" },
    residency: residencyOf(answers, repositories, nameservers, network.cidr),
  };
  const areAlone = nodes.every(({ role }) => role === "control-plane");
  return { config, reasons: reasonsFor({ hasEndpoint: ENDPOINT !== "", isSeen, areAlone, isVirtual }) };
}

/** What the machines' kernels can't do, or need not. */
function limitsOf(facts: readonly MachineFacts[]) {
  const containers = facts.filter(({ container }) => container);
  return {
    ...(facts.every(({ ipvs }) => ipvs) ? {} : { proxy: { mode: "iptables" } }),
    ...(containers.length > 0 ? { sysctlProfiles: ["base"] } : {}),
    ...(containers.length === facts.length ? { slowEtcdDisk: "told" } : {}),
  };
}

/** Those of the networks that are not kjerne's own defaults. */
function differing(networks: ReturnType<typeof clusterNetworks>) {
  return {
    ...(networks.podCidr === defaults.podCidr ? {} : { podCidr: networks.podCidr }),
    ...(networks.serviceCidr === defaults.serviceCidr ? {} : { serviceCidr: networks.serviceCidr }),
  };
}
