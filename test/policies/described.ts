import { judge } from "../../policies/judge";
import { type Finding, type Properties, type Resource, type Rule, unknown, type Value } from "../../policies/rule";
import type { Described } from "./programs/resources";

/** Stands in a program for a value that is known only after the update: the engine's own mark. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A program's resources as rules see them, without an engine. */
export function asResources(program: readonly Described[]): Resource[] {
  const types = new Map(program.map(({ name, type }) => [name, type]));
  return program.map(({ type, name, properties, parent, additionalSecretOutputs = [] }) => ({
    ...{ urn: urnOf(type, name), type, name, additionalSecretOutputs, protect: false },
    ...(parent ? { parent: urnOf(types.get(parent) ?? "", parent) } : {}),
    properties: plain(properties as Properties) as Properties,
  }));
}

/** What one rule finds in a program on 2026-11-20. */
export function find<P>(rule: Rule<P>, program: readonly Described[], parameters: P): Finding[] {
  return judge(rule, asResources(program), { ...parameters, today: "2026-11-20" });
}

/** The different states among findings. */
export const states = (findings: readonly Finding[]) => [...new Set(findings.map(({ state }) => state))];

/** Ends the name of a test: what the rule `id` says about the thing that the name begins with. */
export function outcome(id: string, state: string | undefined): string {
  if (state === undefined) return `is not judged by ${id}`;
  return state === "shown" ? `meets ${id}` : state === "violated" ? `violates ${id}` : `is ${state} for ${id}`;
}

const urnOf = (type: string, name: string) => `urn:pulumi:dev::test::${type}::${name}`;

function plain(value: Value): Value {
  if (value === unknownValue) return unknown;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part as Value)]));
}
