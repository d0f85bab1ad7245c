import { contains } from "../../node-config/values/addresses";
import { isPrivate } from "./networks";
import type { Answers } from "./questions";
import { hostsIn, imageMirrors, type Repository } from "./supply";

/** `Eksempel Drift AS, NO, NO` */
export function companyIn(answer = ""): { name: string; country: string; parentCountry: string } {
  const [name = "", country = "", parentCountry = ""] = answer.split(",").map((part) => part.trim());
  return { name, country, parentCountry };
}

const foundation = { name: "The Linux Foundation", country: "US", parentCountry: "US" };
const docker = { name: "Docker, Inc.", country: "US", parentCountry: "US" };
const debian = { name: "Software in the Public Interest, Inc.", country: "US", parentCountry: "US" };
/** Who answers for upstream's servers. */
const upstreamOperators: Readonly<Record<string, ReturnType<typeof companyIn>>> = {
  "pkgs.k8s.io": foundation,
  "registry.k8s.io": foundation,
  "registry-1.docker.io": docker,
  "download.docker.com": docker,
  "ftp.debian.org": debian,
  "security.debian.org": debian,
};

/** `kjerne:residency`: what was answered, and nothing that nobody said. */
export function residencyOf(
  answers: Answers,
  repositories: readonly Repository[],
  nameServers: readonly string[],
  nodeCidr: string,
) {
  const custodian = companyIn(answers.CUSTODIAN);
  const recorded = (host: string) => {
    const operator = upstreamOperators[host] ?? companyIn(answers.MIRROR_OPERATOR);
    return { host, country: upstreamOperators[host] ? operator.country : (answers.COUNTRY ?? ""), operator };
  };
  const images = imageMirrors(answers);
  const packages = hostsIn(repositories.map(({ uri }) => uri)).map(recorded);
  const serving = { "registry.k8s.io": "registry.k8s.io", "docker.io": "docker.io/calico" } as const;
  const registry = hostsIn(images.map(({ mirror }) => mirror)).map((host) => ({
    ...recorded(host),
    serves: images
      .filter(({ mirror }) => hostsIn([mirror])[0] === host)
      .map(({ registry }) => serving[registry as keyof typeof serving]),
  }));
  // Whoever runs the machines runs the name servers in their own networks; of others nobody was asked.
  const own = nameServers.filter((address) => contains(nodeCidr, address) || isPrivate(`${address}/32`));
  const operator = companyIn(answers.OPERATOR);
  return {
    backups: [],
    state: {
      backend: answers.STATE ?? "",
      country: custodian.country,
      operator: custodian,
      secretsProvider: "passphrase",
      key: { custodian: custodian.name, country: custodian.country },
    },
    endpoints: {
      registry,
      packages,
      time: [],
      dns: own.map((host) => ({ host, country: answers.COUNTRY ?? "", operator })),
      acme: [],
      telemetry: [],
      discovery: [],
      logs: [],
    },
    attestations: [],
  };
}
