import { at, entriesAt, itemsAt, judged } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import type { Hardening } from "./parameters";

const basis = {
  kind: "guidance",
  text: "Command lines and environments can be read by other processes and end up in logs (CWE-214).",
  link: "https://cwe.mitre.org/data/definitions/214.html",
  date: "2026-11-20",
} as const;

const isCommand = ({ type }: Resource) => type.startsWith("command:");
const lines = ["create", "update", "delete"];

/** Secrets go in by stdin. */
export const commandSecrets: Rule<Hardening> = {
  id: "SEC-03",
  name: "command-secrets",
  title: "No secret stands in a command line, an environment or a trigger.",
  basis: [basis],
  reviewBy: "2027-11-01",
  severity: "critical",
  reads: ["command: create, update, delete, environment, triggers"],
  scope: "each",
  appliesTo: isCommand,
  check: (resources) =>
    resources.flatMap(({ urn, properties }) => [
      ...lines
        .filter((field) => properties[field] !== undefined && properties[field] !== unknown) // SEC-02 is about these.
        .map((field) => judgeLine(urn, field, properties[field])),
      ...entriesAt(properties, "environment").map(({ field, name, value }) =>
        isCredentialName(name) ? judgeNamed(urn, field, value) : judgeLine(urn, field, value),
      ),
      ...itemsAt(properties, "triggers")
        .filter(({ item }) => item !== unknown) // A value that changes is what a trigger is for.
        .map(({ field, item }) => judgeLine(urn, field, item)),
    ]),
};

/** What a command prints is kept, shown and handed on, unless it is told otherwise. */
export const credentialOutput: Rule<Hardening> = {
  id: "SEC-04",
  name: "credential-output",
  title:
    "A command that prints a credential is not logged, and its output is kept secret and handed to no other command.",
  basis: [
    {
      ...basis,
      text: "The command provider logs what a command prints and hands it to the next run in its environment.",
      link: "https://www.pulumi.com/registry/packages/command/api-docs/remote/command/",
    },
  ],
  reviewBy: "2027-11-01",
  severity: "high",
  reads: ["command: create, update, stdin, logging, addPreviousOutputInEnv; option additionalSecretOutputs"],
  scope: "each",
  appliesTo: (resource) => isCommand(resource) && printsCredentials(resource),
  check: (resources) =>
    resources.flatMap(({ urn, properties, additionalSecretOutputs }) => [
      judged(urn, "logging", at(properties, "logging"), {
        allows: (value) => value === "none",
        allowed: "none",
        wayOut: "Set logging to none.",
      }),
      judged(urn, "addPreviousOutputInEnv", at(properties, "addPreviousOutputInEnv"), {
        allows: (value) => value === false || value === "false",
        allowed: "false",
        reason: "Left out, the output goes into the environment of the next command.",
        wayOut: "Set addPreviousOutputInEnv to false.",
      }),
      ...["stdout", "stderr"].map((output) =>
        judged(urn, `options.additionalSecretOutputs (${output})`, additionalSecretOutputs.includes(output), {
          allows: (value) => value === true,
          allowed: `${output} in additionalSecretOutputs`,
          reason: "The state would hold it in clear.",
          wayOut: `Add ${output} to the resource option additionalSecretOutputs.`,
          confidential: true, // "false" would say nothing to a reader
        }),
      ),
    ]),
};

/** What a credential looks like. Certain forms only: a rule that cries wolf is switched off. */
const credentials: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b[a-z0-9]{6}\.[a-z0-9]{16}\b/, // kubeadm's bootstrap token
  /--(token|certificate-key|password|secret-key)[= ]+["']?[^\s"'$<]{6,}/,
  /\b[A-Z_]*(PASSWORD|PASSPHRASE|SECRET|TOKEN)=["']?[^\s"'$<]{4,}/i,
  /\b(Bearer|Basic) +[A-Za-z0-9+/._=-]{12,}/,
  /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\./, // JSON web token
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\b(client-key-data|token): *[A-Za-z0-9+/=._-]{20,}/,
  /:\/\/[^/\s:@]+:[^/\s@$]{3,}@/, // user:password@ in an address
];

/** The value is never repeated: it is a secret, if the rule is right. */
export function judgeLine(urn: string, field: string, value: Value | undefined): Finding {
  return judged(urn, field, value, {
    allows: (found) => {
      const text = typeof found === "string" ? found : JSON.stringify(found ?? null);
      return !credentials.some((form) => form.test(text));
    },
    allowed: "no passwords, tokens or private keys",
    reason: "Part of it has the form of a credential, and every process on the machine can read it.",
    wayOut: "Give it to the command on stdin, from a Pulumi secret.",
    confidential: true,
  });
}

const isCredentialName = (name: string) => /(PASSWORD|PASSPHRASE|SECRET|TOKEN|PRIVATE_KEY|API_KEY)S?$/i.test(name);

function judgeNamed(urn: string, field: string, value: Value): Finding {
  return judged(urn, field, value, {
    allows: (found) => found === "" || found === null,
    allowed: "no credentials in the environment",
    reason: "Its name says that it is one, and every process of the same user can read it.",
    wayOut: "Give it to the command on stdin, from a Pulumi secret, or name a file that holds it (…_FILE).",
    confidential: true,
  });
}

/** Programs that print tokens, keys or kubeconfigs. */
const printers: readonly RegExp[] = [
  /\bkubeadm +init\b(?!.*(--skip-token-print|\bphase\b))/,
  /\bkubeadm +(token +create|certs +certificate-key)\b/,
  /\bkubeadm +init +phase +upload-certs\b(?!.*--skip-certificate-key-print)/,
  /\bcat +["']?\/etc\/kubernetes\/(super-)?admin\.conf/,
  /\bkubectl\b.*\bconfig +view\b.*--raw\b/,
  /\bkubeadm +kubeconfig +user\b/,
];

function printsCredentials({ properties }: Resource): boolean {
  return [...lines, "stdin"].some((field) => {
    const text = properties[field];
    if (typeof text !== "string" || isJson(text)) return false;
    const run = text.split("\n").filter((line) => !/^\s*#/.test(line) && !isJson(line));
    return run.some((line) => printers.some((form) => form.test(line)));
  });
}

/** JSON on stdin, alone or after a script, is data, whatever it speaks of. */
function isJson(text: string): boolean {
  try {
    return JSON.parse(text) instanceof Object;
  } catch {
    return false;
  }
}
