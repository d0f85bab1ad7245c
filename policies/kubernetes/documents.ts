import { parseDocument } from "yaml";
import { at, entriesAt, isProperties } from "../reading";
import { type Resource, unknown, type Value } from "../rule";

/** A configuration file of Kubernetes or kubeadm that a command carries to a machine, or that a ConfigMap holds. */
export interface ConfigDocument {
  readonly urn: string;
  /** The property that it was found in: `stdin`. */
  readonly property: string;
  readonly kind: string;
  /** `unknown` if the text can't be parsed. */
  readonly content: Value;
}

/** Kinds that decide how a cluster is set up, with their API groups without `.k8s.io`. */
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

/** A cache, since every rule asks for the documents of every resource. */
const parsed = new WeakMap<Resource, ConfigDocument[]>();

function documentsOf(resource: Resource): ConfigDocument[] {
  const known = parsed.get(resource) ?? parsedFrom(resource);
  parsed.set(resource, known);
  return known;
}

/** Finds documents in YAML, after a script, in a here-document, or packed as texts in JSON. */
function parsedFrom(resource: Resource): ConfigDocument[] {
  return textsOf(resource).flatMap(({ property, text }) =>
    inText(text).map((document) => ({ urn: resource.urn, property, ...document })),
  );
}

function textsOf({ type, properties }: Resource): { property: string; text: string }[] {
  const ownFiles = at(properties, "files");
  const fields = /^(command|kjerne-drift):/.test(type)
    ? [
        { field: "files", value: isProperties(ownFiles) ? JSON.stringify(ownFiles) : undefined },
        ...["create", "update", "stdin", "content"].map((name) => ({ field: name, value: at(properties, name) })),
        ...["source", "asset"].map((name) => ({ field: `${name}.text`, value: textOfAsset(at(properties, name)) })),
      ]
    : ["kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:ConfigMapPatch"].includes(type)
      ? entriesAt(properties, "data")
      : [];
  return fields.flatMap(({ field, value }) =>
    typeof value === "string" && value.includes(".k8s.io/v") ? [{ property: field, text: value }] : [],
  );
}

function textOfAsset(asset: Value | undefined): Value | undefined {
  return isProperties(asset) ? asset.text : undefined;
}

interface Found {
  readonly kind: string;
  readonly content: Value;
}

function inText(text: string): Found[] {
  return /^\s*[[{]/.test(text) ? inJson(parseDocument(text).toJS()) : inYaml(text);
}

/** The value is a document, or holds texts with documents. A list of texts is read as the lines of one text. */
function inJson(value: unknown): Found[] {
  if (typeof value === "string") return inText(value);
  if (typeof value !== "object" || value === null) return [];
  const kind = kindOf(value);
  if (kind) return [{ kind, content: value as Value }];
  const parts: unknown[] = Object.values(value);
  if (Array.isArray(value) && parts.every((part) => typeof part === "string")) return inYaml(parts.join("\n"));
  return parts.flatMap(inJson);
}

function kindOf(value: { apiVersion?: unknown; kind?: unknown }): string | undefined {
  const found = kinds.find(
    ({ group, kind }) => kind === value.kind && String(value.apiVersion).startsWith(`${group}.k8s.io/`),
  );
  return found?.kind;
}

/** Unparsable documents get unknown content. A line of capitals ends a here-document. */
function inYaml(text: string): Found[] {
  return text.split(/^(?:---\s*|[A-Z_]+)$/m).flatMap((part) => {
    const named = kinds.find(
      ({ group, kind }) =>
        hasField(part, "apiVersion", `${group}\\.k8s\\.io/`) && hasField(part, "kind", `${kind}["']?\\s*(#.*)?$`),
    );
    if (!named) return [];
    const start = part.search(/^["']?(apiVersion|kind)["']?\s*:/m); // skips a script before the document
    const document = parseDocument(part.slice(Math.max(start, 0)));
    const content = document.errors.length > 0 ? unknown : (document.toJS() as Value);
    const isOfThatKind = isProperties(content) && kindOf(content) === named.kind;
    return [{ kind: named.kind, content: isOfThatKind ? content : unknown }];
  });
}

function hasField(text: string, name: string, value: string): boolean {
  return new RegExp(`^\\s*["']?${name}["']?\\s*: *["']?${value}`, "m").test(text);
}
