import { admissionRules } from "../../components/security/admission-policies";
import { packs } from "../../policies/all";
import { judge } from "../../policies/judge";
import { isViolation } from "../../policies/rule";
import { asResources } from "../policies/described";
import { careless, hardened } from "../policies/hardening-programs";
import { misrouted, routed } from "../policies/network-programs";
import { container, egress, workload } from "../policies/objects";
import type { Described } from "../policies/programs/resources";
import { refused } from "../policies/trials-objects";
import { completed } from "./completed";

/** An object of a rule's own tests, and what the packs and an API server should say of it. */
export interface Case {
  readonly what: string;
  readonly object: Readonly<Record<string, unknown>>;
  /** Rules that the packs have against it, of those by which API servers judge. */
  readonly byPacks: readonly string[];
  /** Those that an API server can't say or must not. */
  readonly notHere: readonly string[];
}

const to = (...blocks: readonly string[]) => egress("to", { to: blocks.map((cidr) => ({ ipBlock: { cidr } })) });

const described: readonly (readonly [what: string, described: Described])[] = [
  ...[...routed, ...hardened, ...[...misrouted, ...careless].map(({ resource }) => resource)].map(
    (one) => [one.name, one] as const,
  ),
  ["to all of a network of one's own", to("10.0.0.0/8")],
  ["to more than a network of one's own", to("10.0.0.0/7")],
  ["to a block of IPv6 that is too wide", to("2a00::/31")],
  ["with a bootstrap token in an argument", workload("p", "shop", container({ args: ["abcdef.0123456789abcdef"] }))],
  [
    "with words that a token's form is near to",
    workload("p", "shop", container({ args: ["metric.kubernetesversion"] })),
  ],
  ...refused.filter(([id]) => !id.startsWith("RES-")).map(([, what, one]) => [what, one] as const),
];
const image = hardened.find(({ type }) => type === "kjerne:image:NodeImage") as Described;

/** Every object of a cluster in the packs' own tests, kept and broken. */
export const cases: readonly Case[] = described.flatMap(([what, one], number) => {
  const object = completed(one, number);
  return object ? [{ what, object, byPacks: byPacks(one), notHere: notHere(what, object) }] : [];
});

function byPacks(described: Described): string[] {
  const program = asResources([image, described]);
  const { urn } = program[1] as (typeof program)[number];
  return ["network", "hardening"].flatMap((folder) => {
    const { rules, parameters } = packs[folder] as (typeof packs)[string];
    const given = { ...parameters.parse({}), today: "2026-11-20" };
    const breaks = (rule: (typeof rules)[number]) =>
      judge(rule, program, given).some((finding) => isViolation(finding) && finding.urn === urn);
    return rules.filter((rule) => admissionRules.includes(rule.id) && breaks(rule)).map(({ id }) => id);
  });
}

function notHere(what: string, object: Readonly<Record<string, unknown>>): readonly string[] {
  const { kind, metadata } = object as { kind: string; metadata: { namespace?: string } };
  // kube-system is left out, and of a custom resource its operator makes pods, which are judged.
  if (metadata.namespace === "kube-system" || kind === "Farm") return admissionRules;
  // Calico's own pods and ConfigMap are in kube-system.
  if (kind === "DaemonSet" || kind === "ConfigMap") return ["NET-01"];
  // The API server fills in such a port itself.
  return what === "a port for health checks on every node" ? ["NET-07"] : [];
}
