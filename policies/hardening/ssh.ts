import { anyNode, connectsToMachine, isExistingMachine, isNode } from "../nodes";
import { at, judged } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import { judgeLine } from "./command-secrets";
import type { Hardening } from "./parameters";

const hypervisor = "kjerne:hypervisor:Hypervisor";

const basis = {
  kind: "technical",
  text: "Without a pinned host key the SSH client of the command provider believes whoever answers (CWE-295).",
  link: "https://cwe.mitre.org/data/definitions/295.html",
  date: "2026-11-20",
} as const;

/** Checks who answers before anything is sent. */
export const sshHostKey: Rule<Hardening> = {
  id: "SEC-01",
  name: "ssh-host-key",
  title: "Every SSH connection pins the host key of the machine, and of the one between, and uses no password.",
  basis: [basis],
  reviewBy: "2027-11-01",
  severity: "critical",
  reads: [
    "command:remote, kjerne-drift:index:*: connection.hostKey, connection.password, connection.proxy, host.connection",
    `${hypervisor}: hostKey`,
    `${anyNode} that states machine: machine.hostKey`,
  ],
  scope: "each",
  appliesTo: (resource) => connects(resource) || pinnedAt(resource) !== undefined,
  check: (resources, parameters) =>
    resources.flatMap((resource) => [
      ...judgePinned(resource, parameters),
      ...(connects(resource) ? judgeConnections(resource, parameters) : []),
    ]),
};

/** Some connections and command lines are unknown in a preview. The component around them states them beforehand. */
export const foreseenCommands: Rule<Hardening> = {
  id: "SEC-02",
  name: "foreseen-commands",
  title:
    "A command whose connection or command line is not known in a preview is described by the component around it.",
  basis: [{ ...basis, text: "What nobody can see in a review, nobody has reviewed." }],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: [
    "command:remote and command:local with values that are not known yet",
    "components around them: sshHostKeys, commandLine",
    `${anyNode} around them that states machine: machine.hostKey`,
  ],
  scope: "together",
  appliesTo: (resource) =>
    resource.type.startsWith("command:") || resource.type.startsWith("kjerne:") || isNode(resource),
  check(resources, parameters) {
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    const commands = resources.filter((one) => one.type.startsWith("command:") || connectsToMachine(one));
    return commands.flatMap((command) => {
      const around = ancestors(command, byUrn);
      return [...judgeUnknownConnection(command, around, parameters), ...judgeUnknownLines(command, around)];
    });
  },
};

const hasUnknownConnection = ({ properties }: Resource) => properties.connection === unknown;
const connects = (resource: Resource) => connectsToMachine(resource) && !hasUnknownConnection(resource);

/** The field in which a machine's own resource pins its host key. A KvmNode has none: its key is made with the machine. */
function pinnedAt(resource: Resource): string | undefined {
  if (resource.type === hypervisor) return "hostKey";
  return isExistingMachine(resource) ? "machine.hostKey" : undefined;
}

function judgePinned(resource: Resource, parameters: Hardening): Finding[] {
  const field = pinnedAt(resource);
  return field ? [judgeHostKey(resource.urn, field, at(resource.properties, field), parameters)] : [];
}

function judgeConnections({ urn, properties }: Resource, parameters: Hardening): Finding[] {
  const others = ["connection.proxy", "host.connection"].filter((field) => at(properties, field) !== undefined);
  return ["connection", ...others].flatMap((field) => judgeConnection(urn, field, at(properties, field), parameters));
}

function judgeConnection(urn: string, field: string, connection: Value | undefined, parameters: Hardening): Finding[] {
  return [
    judgeHostKey(urn, `${field}.hostKey`, at(connection, "hostKey"), parameters),
    judged(urn, `${field}.password`, at(connection, "password"), {
      allows: (value) => value === undefined || value === "",
      allowed: "no password; a private key",
      wayOut: "Set privateKey, and take the password out.",
      confidential: true,
    }),
  ];
}

/** A host key is public, but a secret may stand there by mistake, so no message repeats the value. */
function judgeHostKey(urn: string, field: string, value: Value | undefined, { hostKeyAlgorithms }: Hardening): Finding {
  return judged(urn, field, value, {
    allows: (key) => typeof key === "string" && hostKeyAlgorithms.some((algorithm) => isKey(key, algorithm)),
    allowed: `a public key of the machine: ${hostKeyAlgorithms.join(", ")}`,
    reason: "Whoever answers at the address would be given commands, files and secrets.",
    wayOut:
      "Read /etc/ssh/ssh_host_ed25519_key.pub on the machine's console, not over the network, and set its first two words.",
    confidential: true,
  });
}

/** A public key names its algorithm twice: before the encoded key and, behind its length, at the start of it. */
function isKey(text: string, algorithm: string): boolean {
  const [name, encoded = ""] = text.trim().split(/\s+/);
  const bytes = Buffer.from(encoded, "base64");
  if (name !== algorithm || bytes.length <= 4 + algorithm.length) return false;
  const inside = bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString("latin1");
  return inside === algorithm && (algorithm !== "ssh-ed25519" || bytes.length === 51);
}

/** The components around a resource, nearest first. */
function ancestors({ parent }: Resource, byUrn: ReadonlyMap<string, Resource>): Resource[] {
  const around = byUrn.get(parent ?? "");
  return around ? [around, ...ancestors(around, byUrn)] : [];
}

function judgeUnknownConnection(command: Resource, around: readonly Resource[], parameters: Hardening): Finding[] {
  if (!hasUnknownConnection(command)) return [];
  const algorithm = around.map((component) => statedAlgorithm(component, parameters)).find((one) => one !== undefined);
  return [
    judged(command.urn, "connection", algorithm ?? unknown, {
      allows: (value) => parameters.hostKeyAlgorithms.includes(value as string),
      allowed: `a pinned host key: ${parameters.hostKeyAlgorithms.join(", ")}`,
      wayOut:
        "Give the connection as plain values, or have the component around it say sshHostKeys: {algorithm, readFrom}; SEC-01 judges the real key before anything is sent.",
    }),
  ];
}

/** The algorithm of the host keys that a component pins, or says that it will pin. */
function statedAlgorithm(component: Resource, { hostKeyAlgorithms }: Hardening): Value | undefined {
  const { properties } = component;
  const stated = at(properties, "sshHostKeys");
  if (stated !== undefined) return at(stated, "algorithm") ?? unknown;
  if (!isExistingMachine(component)) return undefined;
  const key = at(properties, "machine.hostKey");
  return hostKeyAlgorithms.find((algorithm) => typeof key === "string" && isKey(key, algorithm)) ?? unknown;
}

function judgeUnknownLines(command: Resource, around: readonly Resource[]): Finding[] {
  const unknownLines = ["create", "update", "delete"].filter((name) => command.properties[name] === unknown);
  const stated = at(around[0]?.properties, "commandLine");
  return unknownLines.map((field) => judgeLine(command.urn, field, stated ?? unknown));
}
