import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { versions } from "../../node-config/versions";

/** What was answered so far, by the variable of the question. */
export type Answers = Readonly<Record<string, string>>;

/** What the settings need and no machine can tell. */
export interface Question {
  /** Answers it on the command line, as in `make new CITY=Oslo`. */
  readonly variable: string;
  readonly asks: string;
  /** Taken where nothing is answered. @default - there is no good one: somebody has to say it */
  readonly otherwise?: (answers: Answers) => string;
  /** Why that is a good answer. */
  readonly because?: string;
  /** Whether it is asked at all. @default - always */
  readonly when?: (answers: Answers) => boolean;
  readonly isValid?: RegExp;
  readonly form?: string;
}

const company = {
  isValid: /^[^,]*[^,\s][^,]*,\s*[A-Z]{2}\s*,\s*[A-Z]{2}$/,
  form: "Eksempel Drift AS, NO, NO",
} as const;
const country = { isValid: /^[A-Z]{2}$/, form: "NO" } as const;
export const upstream = "upstream";
const isOwn = (answer: string | undefined) => answer !== undefined && answer !== upstream;
const onHypervisors = ({ HYPERVISORS = "" }: Answers) => HYPERVISORS !== "";

/** The cluster's name: a stack of an organisation is org/stack. */
export const clusterName = ({ STACK = "" }: Answers) => STACK.split("/").at(-1) as string;

/** In the order in which they are asked. */
export const questions: readonly Question[] = [
  {
    variable: "MACHINES",
    asks: "Machines that become nodes, as user@address, with =SHA256:… behind it where you know the host key's fingerprint",
    otherwise: () => "",
    because: "hypervisors are asked for next, on which kjerne makes the nodes",
    when: (answers) => !onHypervisors(answers),
    isValid: /\S/,
    form: "debian@203.0.113.7 debian@203.0.113.8:2222",
  },
  {
    variable: "HYPERVISORS",
    asks: "Hypervisors with KVM on which kjerne makes the nodes, in that form too; or MACHINES= that become nodes",
    when: ({ MACHINES = "" }) => MACHINES === "",
    isValid: /\S/,
    form: "root@10.20.0.11 root@10.20.0.12",
  },
  {
    variable: "BRIDGE",
    asks: "Their bridge into the nodes' network",
    otherwise: () => "",
    because: "the only one that they have; one that has none gets br0, with the card of its address as a port",
    when: onHypervisors,
  },
  {
    variable: "NODE_ADDRESSES",
    asks: "Addresses in that network that nobody has, one for each node",
    when: onHypervisors,
    isValid: /^\d+(\.\d+){3}([\s,]+\d+(\.\d+){3})*$/,
    form: "10.20.0.31 10.20.0.32 10.20.0.33",
  },
  {
    variable: "TIME",
    asks: "NTP servers that the nodes ask",
    when: onHypervisors,
    isValid: /\S/,
    form: "ntp.justervesenet.no",
  },
  {
    variable: "KEY",
    asks: "Your private key for them, without a passphrase; its public half lies beside it and is on each machine",
    otherwise: () =>
      ["~/.ssh/kjerne", "~/.ssh/id_ed25519"].find((file) => existsSync(file.replace("~", homedir()))) ??
      "~/.ssh/id_ed25519",
    because: "pulumi up logs in by it, too, when nobody is there to type",
  },
  {
    variable: "ENDPOINT",
    asks: "An address in the nodes' network that nobody has, which three control planes have in turn",
    otherwise: () => "",
    because: "without one, the first node alone is the control plane",
  },
  {
    variable: "NODE_NETWORK",
    asks: "Network in which they talk to each other",
    otherwise: () => "",
    because: "the first one in which every machine has an address, a private one before others",
    isValid: /^[\d.]+\/\d+$/,
    form: "10.20.0.0/24",
  },
  { variable: "COUNTRY", asks: "Country in which the machines stand", ...country },
  { variable: "CITY", asks: "City in which they stand", isValid: /\S/, form: "Oslo" },
  {
    variable: "OPERATOR",
    asks: "Who runs them: company, its country, the country of its ultimate owner",
    ...company,
  },
  {
    variable: "SUPPORT",
    asks: "Countries from which staff with access work",
    isValid: /^[A-Z]{2}([\s,]+[A-Z]{2})*$/,
    form: "NO SE",
  },
  {
    variable: "DATA_CLASS",
    asks: "Class of the data: public, internal, personal or special-category",
    isValid: /\S/,
    form: "internal",
  },
  {
    variable: "STATE",
    asks: "Where Pulumi keeps the state, as pulumi login takes it",
    otherwise: () => "file://",
    because: "a directory of this machine needs nobody else; two people need a shared one",
  },
  {
    variable: "CUSTODIAN",
    asks: "Who keeps that state and the key of its secrets: company, country where they lie, country of its ultimate owner",
    ...company,
  },
  {
    variable: "PACKAGES",
    asks: "Your mirror of Debian and Kubernetes, as address, suite, components",
    otherwise: () => upstream,
    because: "upstream's own repositories need no mirror; they are of companies abroad, which rule RES-20 tells",
    isValid: /^(upstream|https?:\/\/\S+(\s+\S+){1,})$/,
    form: "https://mirror.eksempel.no/apt bookworm main",
  },
  {
    variable: "PACKAGES_KEY",
    asks: "File with the public key that signs it, as gpg --armor --export writes it",
    when: ({ PACKAGES }) => isOwn(PACKAGES),
    isValid: /\S/,
    form: "~/.config/kjerne/apt.asc",
  },
  {
    variable: "IMAGES",
    asks: "Your mirror of registry.k8s.io and docker.io",
    otherwise: () => upstream,
    because: "upstream's own registries need no mirror; they are of companies abroad, which rule RES-18 tells",
    isValid: /^(upstream|https?:\/\/\S+)$/,
    form: "https://mirror.eksempel.no:5000",
  },
  {
    variable: "MIRROR_OPERATOR",
    asks: "Who runs your mirror: company, its country, the country of its ultimate owner",
    otherwise: ({ OPERATOR = "" }) => OPERATOR,
    because: "a mirror of your own often stands beside the machines",
    when: ({ PACKAGES, IMAGES }) => isOwn(PACKAGES) || isOwn(IMAGES),
    ...company,
  },
  {
    variable: "CALICO",
    asks: `Calico's manifest calico.yaml of release ${versions.supply.calico}, as an address or a file`,
    otherwise: () =>
      `https://raw.githubusercontent.com/projectcalico/calico/v${versions.supply.calico}/manifests/calico.yaml`,
    because: "its SHA-256 is written down, and another manifest is refused from then on",
  },
  {
    variable: "INDEX",
    asks: "File for the versions and digests that nodes install",
    otherwise: ({ STACK = "" }) => `stacks/supply.${clusterName({ STACK })}.json`,
    because: "make lock writes it, and you commit it",
  },
];
