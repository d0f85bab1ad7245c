import { callsOf, isCommand } from "../commands/calls";
import { at, entriesAt, itemsAt, judged } from "../reading";
import { type Finding, type Resource, type Rule, unknown, type Value } from "../rule";
import { judgeCalls, printsSecret } from "./called-secrets";
import { isCredentialName, judgeText, judgeVariable } from "./credentials";
import type { Hardening } from "./parameters";

const basis = {
  kind: "guidance",
  text: "Command lines and environments can be read by other processes and end up in logs (CWE-214).",
  link: "https://cwe.mitre.org/data/definitions/214.html",
  date: "2026-11-20",
} as const;

/** `command` is that of `command:local:run`. */
const commandLines = ["create", "update", "delete", "command"];

/** Commands get secrets on stdin, which no other process can read. */
export const commandSecrets: Rule<Hardening> = {
  id: "SEC-03",
  name: "command-secrets",
  title: "No secret stands in a command line, an environment or a trigger.",
  basis: [basis],
  reviewBy: "2027-11-01",
  severity: "critical",
  reads: ["command: create, update, delete, environment, triggers; their words, and those of scripts on stdin"],
  scope: "each",
  appliesTo: isCommand,
  check: (resources) =>
    resources.flatMap((resource) => [...judgeCalls(resource, onStdin), ...judgeProperties(resource)]),
};

function judgeProperties({ urn, properties }: Resource): Finding[] {
  return [
    ...commandLines
      // SEC-02 judges unknown command lines.
      .filter((field) => properties[field] !== undefined && properties[field] !== unknown)
      .map((field) => judgeLine(urn, field, properties[field])),
    ...entriesAt(properties, "environment").map(({ field, name, value }) =>
      isCredentialName(name)
        ? judgeVariable(urn, field, value, `${onStdin} Or name a file that holds it (…_FILE).`)
        : judgeLine(urn, field, value),
    ),
    ...itemsAt(properties, "triggers")
      // Triggers are often outputs that a preview does not know.
      .filter(({ item }) => item !== unknown)
      .map(({ field, item }) => judgeLine(urn, field, item)),
  ];
}

/** By default the command provider logs output, keeps it in the state and passes it to the next command. */
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
          confidential: true, // "is false" would tell the reader nothing
        }),
      ),
    ]),
};

const onStdin = "Give it to the command on stdin, from a Pulumi secret.";

/** Judges a command line, a variable or a trigger: every process on the machine can read it. */
export const judgeLine = (urn: string, field: string, value: Value | undefined): Finding =>
  judgeText(urn, field, value, onStdin);

/** Commands that print tokens, keys or kubeconfigs. */
const printers: readonly RegExp[] = [
  /\bkubeadm +init\b(?!.*(--skip-token-print|\bphase\b))/,
  /\bkubeadm +(token +create|certs +certificate-key)\b/,
  /\bkubeadm +init +phase +upload-certs\b(?!.*--skip-certificate-key-print)/,
  /\bcat +["']?\/etc\/kubernetes\/(super-)?admin\.conf/,
  /\bkubectl\b.*\bconfig +view\b.*--raw\b/,
  /\bkubeadm +kubeconfig +user\b/,
];

function printsCredentials(resource: Resource): boolean {
  if (callsOf(resource).some(printsSecret)) return true;
  const { properties } = resource;
  return [...commandLines, "stdin"].some((field) => {
    const text = properties[field];
    if (typeof text !== "string" || isJson(text)) return false;
    const run = text.split("\n").filter((line) => !/^\s*#/.test(line) && !isJson(line));
    return run.some((line) => printers.some((form) => form.test(line)));
  });
}

/** JSON on stdin, alone or on a line after a script, is data: a command that it mentions does not run. */
function isJson(text: string): boolean {
  try {
    return JSON.parse(text) instanceof Object;
  } catch {
    return false;
  }
}
