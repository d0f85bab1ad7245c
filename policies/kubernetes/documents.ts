import { parseDocument } from "yaml";
import { at, entriesAt, isProperties } from "../reading";
import { type Resource, unknown, type Value } from "../rule";

/** A configuration file of Kubernetes itself that a command carries to a machine, or a ConfigMap holds. */
export interface ConfigDocument {
  readonly urn: string;
  /** The property that it was found in: `stdin`. */
  readonly property: string;
  readonly kind: string;
  /** Unknown when the text can't be parsed. */
  readonly content: Value;
}

/** Kinds that decide how a cluster is set up, by the start of their `apiVersion`. */
const kinds: readonly { group: string; kind: string }[] = [
  ...["InitConfiguration", "JoinConfiguration", "ClusterConfiguration"].map((kind) => ({ group: "kubeadm", kind })),
  { group: "kubelet.config", kind: "KubeletConfiguration" },
  { group: "kubeproxy.config", kind: "KubeProxyConfiguration" },
  ...["EncryptionConfiguration", "AdmissionConfiguration"].map((kind) => ({ group: "apiserver.config", kind })),
  { group: "audit", kind: "Policy" },
];

export type ConfigKind = (typeof kinds)[number]["kind"];

export function documentsIn(resources: readonly Resource[], ...wanted: readonly string[]): ConfigDocument[] {
  return resources.flatMap(documentsOf).filter(({ kind }) => wanted.includes(kind));
}

export function hasDocument(resource: Resource, ...wanted: readonly string[]): boolean {
  return documentsOf(resource).some(({ kind }) => wanted.includes(kind));
}

/** Wherever a command or a ConfigMap carries text: in YAML, behind a script, in a here-document, or packed in JSON. */
function documentsOf(resource: Resource): ConfigDocument[] {
  return textsOf(resource).flatMap(({ property, text }) =>
    unpacked(text).flatMap((part) => parsed(part).map((document) => ({ urn: resource.urn, property, ...document }))),
  );
}

function textsOf({ type, properties }: Resource): { property: string; text: string }[] {
  const fields = type.startsWith("command:")
    ? [
        ...["create", "update", "stdin", "content"].map((name) => ({ field: name, value: at(properties, name) })),
        ...["source", "asset"].map((name) => ({ field: `${name}.text`, value: textOfAsset(at(properties, name)) })),
      ]
    : /^kubernetes:core\/v1:ConfigMap(Patch)?$/.test(type)
      ? entriesAt(properties, "data")
      : [];
  return fields.flatMap(({ field, value }) =>
    typeof value === "string" && value.includes(".k8s.io/v") ? [{ property: field, text: value }] : [],
  );
}

function textOfAsset(asset: Value | undefined): Value | undefined {
  return isProperties(asset) ? asset.text : undefined;
}

/** A text, or the texts in it when it is JSON; a list of texts there is one of lines. */
function unpacked(text: string): string[] {
  if (!/^\s*[[{]/.test(text)) return [text];
  const value = parseDocument(text).toJS() as unknown;
  return hasKind(value) ? [text] : texts(value);
}

function texts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  const parts: unknown[] = Object.values(value);
  if (Array.isArray(value) && parts.every((part) => typeof part === "string")) return [parts.join("\n")];
  return parts.flatMap(texts);
}

function hasKind(value: unknown): boolean {
  return typeof value === "object" && value !== null && "apiVersion" in value && "kind" in value;
}

/** Documents of the known kinds. What looks like one and can't be parsed is one whose content is unknown. */
function parsed(text: string): { kind: string; content: Value }[] {
  return text.split(/^---\s*$/m).flatMap((part) => {
    const named = kinds.find(
      ({ group, kind }) =>
        says(part, "apiVersion", `${group}\\.k8s\\.io/`) && says(part, "kind", `${kind}["']?,?\\s*$`),
    );
    if (!named) return [];
    const document = parseDocument(documentIn(part));
    const content = document.errors.length > 0 ? unknown : (document.toJS() as Value);
    return [{ kind: named.kind, content }];
  });
}

function says(text: string, name: string, value: string): boolean {
  return new RegExp(`^\\s*[{]?\\s*["']?${name}["']?: *["']?${value}`, "m").test(text);
}

/** Without the script before it, and without what follows the word that ends a here-document. */
function documentIn(part: string): string {
  if (/^\s*[{]/.test(part)) return part;
  const start = part.search(/^(apiVersion|kind):/m);
  const text = part.slice(Math.max(start, 0));
  const end = text.search(/^[A-Z_]+$/m);
  return end < 0 ? text : text.slice(0, end);
}
