import { Secret } from "@pulumi/policy";
import type { Finding } from "./rule";

/**
 * Which values are secrets of Pulumi's. The SDK takes the mark off before a rule judges; only a policy that may remediate
 * finds it, behind the proxies.
 */
export interface SecretsSeen {
  /** URN → paths of its properties: `spec.template.spec.containers[0].image`. */
  readonly paths: Map<string, readonly string[]>;
  /** The texts among them. */
  readonly texts: Set<string>;
}

/** Shorter texts are words such as `NO`, and would be taken out of every sentence; no sentence holds a longer one. */
const [shortest, longest] = [4, 2_000];

export function noSecretsSeen(): SecretsSeen {
  return { paths: new Map(), texts: new Set() };
}

/** Notes the secrets among the properties that the engine offers for remediation. */
export function rememberSecrets({ paths, texts }: SecretsSeen, urn: string, props: object): void {
  const found: string[] = [];
  walk(props, "", (path, value, isSecret) => {
    if (isSecret) found.push(path);
    if (isSecret && typeof value === "string" && value.trim().length >= shortest && value.length <= longest)
      texts.add(value);
  });
  paths.set(urn, found);
}

type Visit = (path: string, value: unknown, isSecret: boolean) => void;

/** Visits each value; all that is within a secret is secret too. */
function walk(proxied: unknown, path: string, visit: Visit, within = false): void {
  const value = behindProxies(proxied);
  const isSecret = within || value instanceof Secret;
  visit(path, value, isSecret);
  if (typeof value !== "object" || value === null || value instanceof Promise) return;
  const inner = (name: string) => (Array.isArray(value) ? `${path}[${name}]` : path ? `${path}.${name}` : name);
  for (const [name, item] of Object.entries(value)) walk(item, inner(name), visit, isSecret);
}

/** A value that is not known yet throws an error as soon as somebody reads it through the SDK's proxies. */
function behindProxies(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const proxied = value as { readonly __isSpecialProxy?: boolean; readonly __getSpecialProxyTarget?: unknown };
  return proxied.__isSpecialProxy ? behindProxies(proxied.__getSpecialProxyTarget) : value;
}

/** A finding without the value that was read, if that is a secret or within one. */
export function withoutSecret({ paths }: SecretsSeen, finding: Finding): Finding {
  const { read: _, ...rest } = finding;
  const isSecret = paths.get(finding.urn)?.some((path) => isWithin(finding.field, path));
  return isSecret ? rest : finding;
}

const isWithin = (field: string, path: string) =>
  field === path || (/^[.[: ]/.test(field.slice(path.length)) && field.startsWith(path));

/** A text in which no secret is left. */
export function masked({ texts }: SecretsSeen, text: string): string {
  const longestFirst = [...texts].sort((a, b) => b.length - a.length);
  return longestFirst.reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
}
